/** Longest wait for a message. */
const NEXT_MS = 5_000

export interface StreamMessage {
  readonly type: string
  /** As text, as SSE has it. */
  readonly id?: string
  readonly ref?: string | number
  // biome-ignore lint/suspicious/noExplicitAny: whatever the edge sends; tests look into it
  readonly data: any
}

/** One open stream, whatever the protocol, with everything received so far. */
export interface TestStream {
  readonly messages: readonly StreamMessage[]
  /** Everything as it came. */
  raw(): string
  types(): string[]
  of(type: string): StreamMessage[]
  /** The first message of a type, past or future, that fits. */
  next(type: string, fits?: (message: StreamMessage) => boolean): Promise<StreamMessage>
  send(message: unknown): void
  /** WebSocket close code; 0 for the end of an SSE stream. */
  readonly closed: Promise<{ code: number; reason: string }>
  close(): void
}

interface Source {
  readonly send: (text: string) => void
  readonly close: () => void
}

const createReader = (source: Source) => {
  const messages: StreamMessage[] = []
  /** Told each message: a thousand readers that ask again and again would keep the edge, in the same process, from its work. */
  const waits = new Set<(message: StreamMessage) => void>()
  let raw = ''
  let end: (end: { code: number; reason: string }) => void = () => undefined
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    end = resolve
  })
  const stream: TestStream = {
    messages,
    raw: () => raw,
    types: () => messages.map(({ type }) => type),
    of: (type) => messages.filter((message) => message.type === type),
    next: async (type, fits = () => true) => {
      const isIt = (message: StreamMessage): boolean => {
        try {
          return message.type === type && fits(message)
        } catch {
          return false // lacks what `fits` looks at
        }
      }
      const known = messages.find(isIt)
      if (known !== undefined) return known
      const timedOut = new Error()
      return new Promise((resolve, reject) => {
        const wait = (message: StreamMessage): void => {
          if (!isIt(message)) return
          clearTimeout(timer)
          waits.delete(wait)
          resolve(message)
        }
        const timer = setTimeout(() => {
          waits.delete(wait)
          timedOut.message = `no ${type} among: ${stream.types().join(' ')}`
          reject(timedOut)
        }, NEXT_MS)
        waits.add(wait)
      })
    },
    send: (message) => source.send(typeof message === 'string' ? message : JSON.stringify(message)),
    closed,
    close: source.close,
  }
  return {
    stream,
    end,
    received: (text: string, message: StreamMessage) => {
      raw += text
      messages.push(message)
      for (const wait of waits) wait(message)
    },
  }
}

/** @throws Error with the response's status and body when the edge refuses */
export const openSse = async (
  url: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<TestStream & { readonly headers: Headers }> => {
  const abort = new AbortController()
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: abort.signal,
  })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const { stream, end, received } = createReader({ send: () => undefined, close: () => abort.abort() })
  const read = async (): Promise<void> => {
    let rest = ''
    for await (const chunk of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
      new TextDecoderStream(),
    )) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
        )
        const id = fields.get('id')
        const data = fields.get('data')
        if (data === undefined) continue
        received(`${block}\n\n`, {
          type: fields.get('event') ?? '',
          ...(id !== undefined && { id }),
          data: JSON.parse(data),
        })
      }
    }
  }
  void read().then(
    () => end({ code: 0, reason: 'end' }),
    () => end({ code: 0, reason: 'lost' }),
  )
  return Object.assign(stream, { headers: response.headers })
}

export const openWs = async (url: string, token: string): Promise<TestStream & { readonly protocol: string }> => {
  const socket = new WebSocket(url, ['podium.v1', `bearer.${token}`])
  const { stream, end, received } = createReader({
    send: (text) => socket.send(text),
    close: () => socket.close(),
  })
  socket.onmessage = ({ data }) => {
    const { id, ...message } = JSON.parse(String(data))
    received(String(data), { ...message, ...(id !== undefined && { id: String(id) }) })
  }
  let fault = ''
  socket.onclose = ({ code, reason }) => end({ code, reason: reason || fault })
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = (event) => {
      fault = (event as { message?: string }).message ?? ''
      reject(new Error(`WebSocket refused: ${fault}`))
    }
  })
  return Object.assign(stream, { protocol: socket.protocol })
}
