import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Authentication } from '../auth/authentication.ts'
import { created, file, noContent, ok, okWithTag, type Reply } from '../http/reply.ts'
import { isWorkbook, parseJson, type Request, readJson } from '../http/request.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { Commands } from './commands.ts'
import { importJson, quizJson, quizSummaryJson } from './content-json.ts'
import { BODY_BYTES, IMPORT_BODY_BYTES, idempotencyKey, type RequestSchemas } from './request-schemas.ts'

interface Deps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
}

/** A host's library of quizzes. */
export const quizRoutes = (deps: Deps): readonly ReplyRoute[] => [
  list(deps),
  create(deps),
  importQuiz(deps),
  read(deps),
  replace(deps),
  remove(deps),
  copy(deps),
  exportQuiz(deps),
]

/** @throws PodiumError `not-found` */
const quizIdOf = ({ params }: Request): string => {
  const { quizId } = params
  if (!isId(quizId)) throw new PodiumError('not-found')
  return quizId
}

/** Quizzes on a page when the query names no limit. */
const DEFAULT_PAGE = 20

const list = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/quizzes',
  handle: async (request) => {
    await authentication.admit(request, 'quiz.list')
    const { limit = DEFAULT_PAGE, ...page } = schemas.quizList(request.query)
    const { items, nextCursor } = await commands.listQuizzes(request, { limit, ...page })
    return ok({ items: items.map(quizSummaryJson), ...(nextCursor !== undefined && { nextCursor }) })
  },
})

const create = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/quizzes',
  headers: ['idempotency-key'],
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.create'),
  handle: async (request, body) => {
    await authentication.admit(request, 'quiz.create')
    const input = readJson(request, body, schemas.createQuiz)
    return createdQuiz(await commands.createQuiz(request, input, idempotencyKey(request)))
  },
})

const createdQuiz = ({ quizId }: { readonly quizId: string }): Reply => created({ quizId }, `/v1/quizzes/${quizId}`)

const importQuiz = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
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
})

/** A workbook has no member for its title, so that it is in the query. */
const titleOf = ({ query }: Request): string => new URLSearchParams(query).get('title') ?? 'Imported quiz'

const etagOf = ({ revision }: { readonly revision: number }): string => `"${revision}"`

const read = ({ authentication, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/quizzes/:quizId',
  handle: async (request) => {
    await authentication.admit(request, 'quiz.read')
    const quiz = await commands.getQuiz(request, quizIdOf(request))
    return okWithTag(quizJson(quiz), etagOf(quiz))
  },
})

const replace = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'PUT',
  path: '/v1/quizzes/:quizId',
  headers: ['if-match'],
  // What could be imported can be changed.
  maxBodyBytes: IMPORT_BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.change'),
  handle: async (request, body) => {
    await authentication.admit(request, 'quiz.change')
    const quizId = quizIdOf(request)
    const input = readJson(request, body, schemas.replaceQuiz)
    const condition = conditionOf(request.headers['if-match'] ?? '')
    const quiz = await commands.replaceQuiz(request, quizId, input, condition)
    return okWithTag(quizJson(quiz), etagOf(quiz))
  },
})

/** More than a client has reason to name. */
const MAX_TAGS = 20
/** In place of a tag that is none of ours: no quiz is in this revision. */
const NO_REVISION = 0

/** The revisions that an If-Match header (RFC 9110) names; weak tags match nothing. */
const conditionOf = (header: string): { revisions: number[]; anyRevision: boolean } => {
  const tags = header.split(',').map((tag) => tag.trim())
  const revisions = tags
    .filter((tag) => tag !== '')
    .slice(0, MAX_TAGS)
    .map((tag) => Number(/^"([1-9]\d{0,8})"$/.exec(tag)?.[1] ?? NO_REVISION))
  return { revisions, anyRevision: header.trim() === '*' }
}

const remove = ({ authentication, commands }: Deps): ReplyRoute => ({
  method: 'DELETE',
  path: '/v1/quizzes/:quizId',
  handle: async (request) => {
    await authentication.admit(request, 'quiz.change')
    await commands.deleteQuiz(request, quizIdOf(request))
    return noContent()
  },
})

const copy = ({ authentication, commands }: Deps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/quizzes/:quizId/copy',
  headers: ['idempotency-key'],
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'quiz.create'),
  handle: async (request, body) => {
    await authentication.admit(request, 'quiz.create')
    const quizId = quizIdOf(request)
    if (body !== '') parseJson(request, body) // nothing in it matters
    return createdQuiz(await commands.copyQuiz(request, quizId, idempotencyKey(request)))
  },
})

/** Content type and file name by format. */
const FILES = {
  podium: ['application/json', 'json'],
  gift: ['text/plain; charset=utf-8', 'gift'],
  csv: ['text/csv; charset=utf-8', 'csv'],
} as const

const exportQuiz = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/quizzes/:quizId/export',
  handle: async (request) => {
    await authentication.admit(request, 'quiz.read')
    const quizId = quizIdOf(request)
    const { format = 'podium' } = schemas.quizExport(request.query)
    const { content } = await commands.exportQuiz(request, quizId, format)
    const [type, extension] = FILES[format]
    return file(content, type, `quiz-${quizId}.${extension}`)
  },
})
