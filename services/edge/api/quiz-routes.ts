import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Authentication } from '../auth/authentication.ts'
import { created, ok } from '../http/reply.ts'
import { isWorkbook, type Request, readJson } from '../http/request.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { Commands } from './commands.ts'
import { importJson, quizJson } from './content-json.ts'
import { BODY_BYTES, IMPORT_BODY_BYTES, idempotencyKey, type RequestSchemas } from './request-schemas.ts'

export const quizRoutes = ({
  authentication,
  schemas,
  commands,
}: {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
}): readonly ReplyRoute[] => [
  {
    method: 'POST',
    path: '/v1/quizzes',
    headers: ['idempotency-key'],
    maxBodyBytes: BODY_BYTES,
    preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.create'),
    handle: async (request, body) => {
      await authentication.admit(request, 'quiz.create')
      const input = readJson(request, body, schemas.createQuiz)
      const { quizId } = await commands.createQuiz(request, input, idempotencyKey(request))
      return created({ quizId }, `/v1/quizzes/${quizId}`)
    },
  },
  {
    method: 'POST',
    path: '/v1/quizzes/import',
    headers: ['idempotency-key'],
    maxBodyBytes: IMPORT_BODY_BYTES,
    preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.import'),
    isBinary: isWorkbook,
    handle: async (request, body) => {
      await authentication.admit(request, 'quiz.import')
      const document = isWorkbook(request)
        ? schemas.importQuiz({ format: 'xlsx', title: titleOf(request), content: body })
        : readJson(request, body, schemas.importQuiz)
      const result = await commands.importQuiz(request, document, idempotencyKey(request))
      return created(importJson(result), `/v1/quizzes/${result.quizId}`)
    },
  },
  {
    method: 'GET',
    path: '/v1/quizzes/:quizId',
    handle: async (request) => {
      await authentication.admit(request, 'quiz.read')
      const { quizId = '' } = request.params
      if (!isId(quizId)) throw new PodiumError('not-found')
      return ok(quizJson(await commands.getQuiz(request, quizId)))
    },
  },
]

/** A workbook has no member for its title, so that it is in the query. */
const titleOf = ({ query }: Request): string => new URLSearchParams(query).get('title') ?? 'Imported quiz'
