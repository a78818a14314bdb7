import { PodiumError } from '#lib/errors'
import { isId } from '#lib/ids'
import { importJson, quizJson } from '../../../app/content-json.ts'
import type { Commands } from '../../../app/ports.ts'
import type { RequestSchemas } from '../../request-schemas.ts'
import type { Authentication } from '../authentication.ts'
import { readJson } from '../json-body.ts'
import { created, ok } from '../reply.ts'
import type { Route } from '../router.ts'
import { BODY_BYTES, IMPORT_BODY_BYTES } from './limits.ts'

export interface QuizRoutesDeps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
}

export const quizRoutes = ({ authentication, schemas, commands }: QuizRoutesDeps): readonly Route[] => [
  {
    method: 'POST',
    path: '/v1/quizzes',
    maxBodyBytes: BODY_BYTES,
    knowsSender: (request) => authentication.recognise(request, 'quiz.create'),
    handle: async (request, body) => {
      const actor = await authentication.admit(request, 'quiz.create')
      const { quizId } = await commands.on(request).createQuiz(actor, readJson(request, body, schemas.createQuiz))
      return created({ quizId })
    },
  },
  {
    method: 'POST',
    path: '/v1/quizzes/import',
    maxBodyBytes: IMPORT_BODY_BYTES,
    knowsSender: (request) => authentication.recognise(request, 'quiz.import'),
    handle: async (request, body) => {
      const actor = await authentication.admit(request, 'quiz.import')
      return created(
        importJson(await commands.on(request).importQuiz(actor, readJson(request, body, schemas.importQuiz))),
      )
    },
  },
  {
    method: 'GET',
    path: '/v1/quizzes/:quizId',
    handle: async (request) => {
      const actor = await authentication.admit(request, 'quiz.read')
      const { quizId = '' } = request.params
      if (!isId(quizId)) throw new PodiumError('not-found')
      return ok(quizJson(await commands.on(request).getQuiz(actor, quizId)))
    },
  },
]
