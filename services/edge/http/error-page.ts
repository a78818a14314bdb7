import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ERROR_CODES, type ErrorCode } from '#platform/errors'
import { HTTP_ERRORS } from './problem.ts'

/** `docs/errors.md`, made of the list of codes and of what each operation says. `make gen` writes it. */

interface Schema {
  readonly const?: string
  readonly enum?: readonly string[]
}

interface Response {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema: { readonly properties?: { readonly code?: Schema } } }>>
}

export interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly operationId?: string; readonly responses?: Record<string, Response> }>>
    >
  >
  readonly components: { readonly responses: Readonly<Record<string, Response>> }
}

/** Status and codes of every refusal that an operation names. */
export const refusalsOf = ({ paths, components }: OpenApi) =>
  Object.values(paths).flatMap((path) =>
    Object.values(path).flatMap(({ operationId, responses = {} }) =>
      operationId === undefined
        ? []
        : Object.entries(responses).flatMap(([status, response]) => {
            const { content } = components.responses[response.$ref?.split('/').at(-1) ?? ''] ?? response
            const code = content?.['application/problem+json']?.schema.properties?.code
            const codes = code?.enum ?? (code?.const === undefined ? [] : [code.const])
            return codes.map((code) => ({ operationId, status, code }))
          }),
    ),
  )

const ACTIONS = {
  retry: 'Retry: the same request may succeed later.',
  ask: 'Ask: another request may succeed, when the user or the app has changed something.',
  'give up': 'Give up: this request will not succeed.',
} as const

/** More operations than this are not listed. */
const MOST = 6

export const errorPage = (openApi: OpenApi): string => {
  const refusals = refusalsOf(openApi)
  const where = (code: string): string => {
    const found = refusals.filter((refusal) => refusal.code === code)
    if (found.some(({ status }) => status === 'default')) return 'any'
    return found.length > MOST ? 'most' : found.map(({ operationId }) => operationId).join(', ')
  }
  const statuses = (code: ErrorCode): string => {
    const named = refusals.filter((each) => each.code === code && each.status !== 'default').map(({ status }) => status)
    return [...new Set([String(HTTP_ERRORS[code][0]), ...named])].join(', ')
  }
  const rows = (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => {
    const { action, detail, remedy } = ERROR_CODES[code]
    return `| \`${code}\` | ${statuses(code)} | ${detail.replaceAll('|', '\\|')} | **${action}** | ${remedy} | ${where(code)} |`
  })
  return `# Errors

Every refusal and failure is a problem document (RFC 9457, \`application/problem+json\`), over a WebSocket as the \`data\` of a
message \`error\`. Switch on \`code\`, which is stable; \`title\` and \`detail\` are for people and may change. \`traceId\` is what to
quote in a report. This page is generated (\`make gen\`) from the list of codes and from \`proto/openapi.yaml\`.

${Object.values(ACTIONS)
  .map((text) => `- ${text}`)
  .join('\n')}

A request without a reply has an unknown outcome: repeat it, an answer with the same \`answerId\`, a create or join with the same
\`Idempotency-Key\`.

| Code | Status | Meaning | | What to do | Operations |
|---|---|---|---|---|---|
${rows.join('\n')}
`
}

export const OPENAPI = new URL('../../../proto/openapi.yaml', import.meta.url)
export const ERROR_PAGE = new URL('../../../docs/errors.md', import.meta.url)

if (import.meta.main) writeFileSync(ERROR_PAGE, errorPage(parse(readFileSync(OPENAPI, 'utf8'))))
