import type { HttpResponse } from 'uWebSockets.js'
import type { ResponseHead } from './response-heads.ts'

/** A whole response. Header values are ours: never text of a user, the driver does not filter CR and LF. */
export interface Reply {
  /** Status line without the version, for instance `200 OK`. */
  readonly status: string
  readonly body: string
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  /** Close the connection after the response. */
  readonly close?: boolean
}

const json = (status: string, value: unknown): Reply => ({
  status,
  body: JSON.stringify(value),
  contentType: 'application/json',
})

export const ok = (value: unknown): Reply => json('200 OK', value)
export const created = (value: unknown): Reply => json('201 Created', value)
/** `body` is JSON already. */
export const acceptedJson = (body: string): Reply => ({ status: '202 Accepted', body, contentType: 'application/json' })
export const noContent = (): Reply => ({ status: '204 No Content', body: '', contentType: '' })
export const csv = (text: string): Reply => ({ status: '200 OK', body: text, contentType: 'text/csv; charset=utf-8' })

/** Writes the response in one system call. The caller has made sure that the client is still there. */
export const writeReply = (res: HttpResponse, reply: Reply, [name, value]: ResponseHead, isHead = false): void => {
  res.cork(() => {
    res.writeStatus(reply.status).writeHeader(name, value)
    if (reply.contentType !== '') res.writeHeader('content-type', reply.contentType)
    if (reply.headers !== undefined) {
      for (const name in reply.headers) res.writeHeader(name, reply.headers[name] ?? '')
    }
    if (reply.close === true) res.writeHeader('connection', 'close')
    if (isHead) res.endWithoutBody(Buffer.byteLength(reply.body), reply.close === true)
    else if (reply.contentType === '') {
      // The driver takes an undefined length for a number.
      if (reply.close === true) res.endWithoutBody(0, true)
      else res.endWithoutBody()
    } else res.end(reply.body, reply.close === true)
  })
}
