import type { HttpResponse } from 'uWebSockets.js'
import { Connection } from 'better-sse'
import type { ResponseHead } from '../http/response-heads.ts'

/** Shared by all connections: better-sse would only look for query parameters in it, and there are none for it. */
const STREAM_URL = new URL('http://localhost/')

const NOTHING = new Uint8Array()

const HEAD = new Response(null, { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } })

/** better-sse's view of a response of uWebSockets.js. Nothing is written once `abort` was called. */
export class UwsConnection extends Connection {
  url = STREAM_URL
  response = HEAD
  request: Request
  readonly #res: HttpResponse
  readonly #head: ResponseHead
  readonly #abort = new AbortController()
  #isHeadDue = false
  #isAborted = false
  #chunk: Uint8Array = NOTHING
  #isFree = true
  /** One function for all writes of a connection: a new one each time is garbage for every client in every tick. */
  readonly #send = (): void => {
    if (this.#isHeadDue) this.#writeHead()
    this.#isFree = this.#res.write(this.#chunk)
  }

  constructor(res: HttpResponse, head: ResponseHead) {
    super()
    this.#res = res
    this.#head = head
    // The signal is all that better-sse reads of it; a whole Request costs 4 KB per connection.
    this.request = { signal: this.#abort.signal } as Request
  }

  get isAborted(): boolean {
    return this.#isAborted
  }

  /** The client has gone, or the response was ended. */
  abort(): void {
    this.#isAborted = true
    this.#abort.abort()
  }

  /** Leaves together with the first chunk, in one system call. */
  sendHead(): void {
    this.#isHeadDue = true
  }

  sendChunk(chunk: string): void {
    if (chunk !== '') this.write(Buffer.from(chunk))
  }

  /** False when the connection is congested; the bytes are taken in any case. An empty chunk would end the stream. */
  write(bytes: Uint8Array): boolean {
    if (this.#isAborted) return true
    this.#chunk = bytes
    this.#res.cork(this.#send)
    this.#chunk = NOTHING
    return this.#isFree
  }

  cleanup(): void {}

  #writeHead(): void {
    this.#isHeadDue = false
    this.#res.writeStatus('200 OK').writeHeader(...this.#head)
    for (const [name, value] of this.response.headers) this.#res.writeHeader(name, value)
  }
}
