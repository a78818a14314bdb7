import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Authentication } from '../auth/authentication.ts'
import { readJson } from '../http/json-body.ts'
import { created, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import type { Commands } from '../ports.ts'
import { BODY_BYTES, IMPORT_BODY_BYTES } from './body-limits.ts'
import { importJson, quizJson } from './content-json.ts'
import type { RequestSchemas } from './request-schemas.ts'

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
    preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.create'),
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
    preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.import'),
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
