import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { ERROR_CODES, isErrorCode } from '#platform/errors'
import { ERROR_PAGE, errorPage, OPENAPI, refusalsOf } from '../../http/error-page.ts'
import { HTTP_ERRORS } from '../../http/problem.ts'

const openApi = parse(readFileSync(OPENAPI, 'utf8'))

t.test('the description has the codes of the list, and no others', async (t) => {
  t.same(openApi.components.schemas.ErrorCode.enum, Object.keys(ERROR_CODES))
})

t.test('every code has an operation that names it, with its status', async (t) => {
  const refusals = refusalsOf(openApi)
  t.same([...new Set(refusals.map(({ code }) => code))].toSorted(), Object.keys(ERROR_CODES).toSorted())
  for (const { operationId, status, code } of refusals) {
    if (status === 'default' || !isErrorCode(code)) continue
    // To look up a code that nothing has is not found; to join with it is a bad request.
    const expected = operationId === 'previewJoin' && code === 'session-not-found' ? 404 : HTTP_ERRORS[code][0]
    t.equal(Number(status), expected, `${operationId} ${code}`)
  }
})

t.test('every operation has an example of what it takes and gives', async (t) => {
  interface Media {
    readonly schema: object
    readonly example?: unknown
  }
  for (const [path, methods] of Object.entries<Record<string, never>>(openApi.paths)) {
    for (const { operationId, requestBody, responses } of Object.values<{
      operationId?: string
      requestBody?: { content: Record<string, Media> }
      responses: Record<string, { $ref?: string; content?: Record<string, Media> }>
    }>(methods)) {
      if (operationId === undefined) continue
      t.ok(responses.default, `${path} ${operationId} says what else may happen`)
      for (const { content = {} } of [requestBody ?? {}, ...Object.values(responses)] as {
        content?: Record<string, Media>
      }[]) {
        for (const [type, { example }] of Object.entries(content)) {
          if (!type.includes('openxml')) t.not(example, undefined, `${operationId} ${type}`)
        }
      }
    }
  }
})

t.test('the page of codes is the one that the list makes', async (t) => {
  t.equal(readFileSync(ERROR_PAGE, 'utf8'), errorPage(openApi), 'run make gen')
})
