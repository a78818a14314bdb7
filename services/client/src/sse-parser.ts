export interface SseEvent {
  readonly type: string
  readonly id: string | undefined
  readonly data: string
}

/** Text that a stream may hold back without a line end before it counts as broken; a snapshot has a few KiB. */
export const SSE_BUFFER_LIMIT = 1024 * 1024

/**
 * Parses an event stream piece by piece, as in the HTML standard ("9.2.6 Interpreting an event stream"). Comments are
 * left out. The result takes the next piece of text and returns the events that it completes.
 * @throws RangeError when an event exceeds SSE_BUFFER_LIMIT
 */
export const createSseParser = (onRetry?: (ms: number) => void): ((text: string) => SseEvent[]) => {
  let rest = ''
  let type = ''
  let id: string | undefined
  let data: string[] = []
  let held = 0

  const field = (line: string): void => {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') type = value
    else if (name === 'data') data.push(value)
    else if (name === 'id' && !value.includes('\0')) id = value
    else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
    held += value.length
  }

  return (text) => {
    const events: SseEvent[] = []
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line !== '') {
        if (!line.startsWith(':')) field(line)
        continue
      }
      if (data.length > 0) events.push({ type: type === '' ? 'message' : type, id, data: data.join('\n') })
      type = ''
      id = undefined
      data = []
      held = 0
    }
    if (held + rest.length > SSE_BUFFER_LIMIT) throw new RangeError('an event of the stream is too long')
    return events
  }
}
