import type { HttpRequest } from 'uWebSockets.js'
import type { Request } from './request.ts'

export const AMBIGUOUS_LENGTH = 'The length of the body is said more than once, or not as HTTP wants it.'

/**
 * Whether a proxy in front may take another part of the connection for the body than the driver does (RFC 9112, 6.3), and
 * the rest for a request of another client. The driver looks at the first Content-Length only, takes an empty one for none and
 * any Transfer-Encoding for `chunked`; what contradicts itself in other ways it refuses by itself.
 */
export const hasAmbiguousLength = (req: HttpRequest, { method, headers }: Request): boolean => {
  const saysNothing = headers['content-length'] === '' && headers['transfer-encoding'] === ''
  if (saysNothing && method !== 'POST') return false
  let lengths = 0
  let isOdd = false
  req.forEach((name, value) => {
    if (name === 'content-length') {
      lengths += 1
      isOdd ||= value === ''
    } else if (name === 'transfer-encoding') {
      lengths += 1
      isOdd ||= value.toLowerCase() !== 'chunked'
    }
  })
  return isOdd || lengths > 1
}
