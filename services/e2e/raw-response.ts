/** A response as it was on the wire. */
export interface RawResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** The status line or a header is not as HTTP wants it; the text that is not. */
  readonly fault?: string
}

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [A-Za-z' ]+$/
const HEADER_LINE = /^([A-Za-z0-9-]+): ?([\x20-\x7e]*)$/

/** All headers of an edge's responses. Any other was put there by an attacker. */
const OWN_HEADERS = new Set([
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'allow',
  'cache-control',
  'connection',
  'content-length',
  'content-security-policy',
  'content-type',
  'date',
  'etag',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'referrer-policy',
  'retry-after',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'strict-transport-security',
  'traceparent',
  'transfer-encoding',
  'upgrade',
  'uwebsockets',
  'vary',
  'www-authenticate',
  'x-accel-buffering',
  'x-content-type-options',
])

const parseHead = (text: string): Omit<RawResponse, 'body'> => {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = STATUS_LINE.exec(statusLine)
  let fault = status === null ? statusLine : undefined
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = HEADER_LINE.exec(line) ?? []
    if (!OWN_HEADERS.has(name.toLowerCase())) fault ??= line
    headers.set(name.toLowerCase(), value)
  }
  return { status: Number(status?.[1] ?? 0), headers, ...(fault !== undefined && { fault }) }
}

/**
 * The first whole response of the bytes, and how many of them it takes; undefined while something of it is missing. Streams
 * and responses to HEAD end with their head, and so does one without a length: the driver's own, before it closes.
 */
export const parseResponse = (
  bytes: Buffer,
  isHead = false,
): { readonly response: RawResponse; readonly size: number } | undefined => {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  const head = parseHead(bytes.toString('latin1', 0, end))
  const length = isHead ? 0 : Number(head.headers.get('content-length') ?? 0)
  const begin = end + HEAD_END.length
  if (bytes.length < begin + length) return undefined
  return { response: { ...head, body: bytes.toString('utf8', begin, begin + length) }, size: begin + length }
}

/** All whole responses of the bytes. */
export const parseResponses = (bytes: Buffer, isHead = false): readonly RawResponse[] => {
  const responses: RawResponse[] = []
  for (let rest = bytes; ; ) {
    const parsed = parseResponse(rest, isHead)
    if (parsed === undefined) return responses
    responses.push(parsed.response)
    rest = rest.subarray(parsed.size)
    // What follows has no length: it is part of this stream, or the text of a driver's error.
    if (!rest.subarray(0, 5).equals(Buffer.from('HTTP/'))) return responses
  }
}

/** The `code` of a problem document; '' when it is none, or only its head. */
export const codeOf = ({ headers, body }: RawResponse): string => {
  if (headers.get('content-type') !== 'application/problem+json' || body === '') return ''
  const { code } = JSON.parse(body) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** In few words: status, and code if there is one. */
export const describeResponse = (response: RawResponse): string =>
  response.fault === undefined
    ? `${response.status} ${codeOf(response)}`.trim()
    : `${response.status} with ${JSON.stringify(response.fault)}`
