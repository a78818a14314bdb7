import { fill, type Words } from './words.ts'

/** A request as it was drawn; `render` makes bytes of it. */
export interface RequestSpec {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly framing: Framing
}

export const FRAMINGS = ['length', 'chunked', 'too short', 'too long', 'twice', 'both', 'none'] as const
export type Framing = (typeof FRAMINGS)[number]

const bodyless = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'get'

const chunked = (body: Buffer): Buffer => {
  const middle = body.length >> 1
  const pieces = [body.subarray(0, middle), body.subarray(middle)].filter(({ length }) => length > 0)
  const parts = pieces.flatMap((piece) => [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

const lengthHeaders = (framing: Framing, length: number): string => {
  const header = (value: number) => `Content-Length: ${value}\r\n`
  switch (framing) {
    case 'length':
      return header(length)
    case 'chunked':
      return 'Transfer-Encoding: chunked\r\n'
    case 'too short':
      return header(Math.max(0, length - 3))
    case 'too long':
      return header(length + 5)
    case 'twice':
      return header(length) + header(length + 1)
    case 'both':
      return `${header(length)}Transfer-Encoding: chunked\r\n`
    case 'none':
      return ''
    default:
      return framing satisfies never
  }
}

export interface Rendered {
  readonly bytes: Buffer
  /** It says truly where it ends, so that there must be one response to it, and the connection may go on. */
  readonly isWhole: boolean
  readonly isHead: boolean
}

export const render = ({ method, target, headers, body, framing }: RequestSpec, words: Words): Rendered => {
  const isEmpty = body === '' && bodyless(method)
  const content = Buffer.from(fill(body, words))
  const lines = headers.map(([name, value]) => `${name}: ${fill(value, words)}\r\n`).join('')
  const head = `${method} ${fill(target, words)} HTTP/1.1\r\nHost: podium\r\n${lines}${isEmpty ? '' : lengthHeaders(framing, content.length)}\r\n`
  return {
    bytes: Buffer.concat([Buffer.from(head), isEmpty ? content : framing === 'chunked' ? chunked(content) : content]),
    isWhole: isEmpty || framing === 'length' || framing === 'chunked' || (framing === 'none' && content.length === 0),
    isHead: method === 'HEAD',
  }
}
