import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { QuestionProvider } from '../import-quiz.ts'
import { readLimited } from './limited-body.ts'

export interface OpenTdbOptions {
  /** Default https://opentdb.com by configuration. */
  readonly baseUrl: string
  readonly clock: Clock
  /** The provider answers one request per address in this time. Default 5 000 ms. */
  readonly intervalMs?: number
  /** Time for an answer, the wait for a turn included; shorter than the edges wait for an import. Default 8 000 ms. */
  readonly timeoutMs?: number
}

const MAX_RESPONSE_BYTES = 1024 * 1024
/** Requests that may wait for their turn; more could not be answered in time. */
const MAX_WAITING = 3

/** Codes in the provider's responses. */
const CODE = { success: 0, noResults: 1, invalidParameter: 2, rateLimit: 5 } as const

const TYPES: Readonly<Record<string, string>> = { single_choice: 'multiple', true_false: 'boolean' }

/** The API of the Open Trivia DB: https://opentdb.com/api_config.php. One request after the other, as it asks for. */
export const createOpenTdb = (options: OpenTdbOptions): QuestionProvider => {
  const { baseUrl, clock, intervalMs = 5_000, timeoutMs = 8_000 } = options
  let lastAt = Number.NEGATIVE_INFINITY
  let turns: Promise<unknown> = Promise.resolve()
  let waiting = 0

  /** When its turn comes, unless that is too late. */
  const inTurn = async (url: URL, deadline: number): Promise<Reply> => {
    const waitMs = Math.max(0, lastAt + intervalMs - clock.monotonic())
    if (clock.monotonic() + waitMs >= deadline) throw unavailable('no turn in time')
    await sleep(waitMs)
    lastAt = clock.monotonic()
    return ask(url, Math.max(1, Math.floor(deadline - lastAt)))
  }

  const attempt = async (url: URL, deadline: number): Promise<string> => {
    for (;;) {
      const { code, text } = await inTurn(url, deadline)
      if (code === CODE.success) return text
      if (code === CODE.noResults) throw refused('/amount', 'no-results')
      if (code === CODE.invalidParameter) throw refused('/category', 'invalid')
      // Other copies of this service share the address and may have taken the turn.
      if (code !== CODE.rateLimit) throw unavailable(`response code ${code}`)
    }
  }

  return {
    fetch: (wanted) => {
      if (waiting >= MAX_WAITING) return Promise.reject(unavailable('too many waiting'))
      waiting += 1
      const deadline = clock.monotonic() + timeoutMs
      const turn = turns
        .then(() => attempt(urlOf(baseUrl, wanted), deadline))
        .finally(() => {
          waiting -= 1
        })
      turns = turn.catch(() => undefined)
      return turn
    },
  }
}

const urlOf = (
  baseUrl: string,
  { amount, category, difficulty, kind }: Parameters<QuestionProvider['fetch']>[0],
): URL => {
  const url = new URL('/api.php', baseUrl)
  url.searchParams.set('amount', String(amount))
  if (category !== undefined) url.searchParams.set('category', String(category))
  if (difficulty !== undefined) url.searchParams.set('difficulty', difficulty)
  const type = kind === undefined ? undefined : TYPES[kind]
  if (type !== undefined) url.searchParams.set('type', type)
  return url
}

interface Reply {
  readonly code: number
  readonly text: string
}

const ask = async (url: URL, timeoutMs: number): Promise<Reply> => {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
      headers: { accept: 'application/json' },
    })
    if (response.status === 429) {
      await response.body?.cancel()
      return { code: CODE.rateLimit, text: '' }
    }
    if (!response.ok) throw new Error(`status ${response.status}`)
    const text = await readLimited(response, MAX_RESPONSE_BYTES)
    const document = JSON.parse(text) as { readonly response_code?: unknown }
    return { code: typeof document.response_code === 'number' ? document.response_code : -1, text }
  } catch (cause) {
    throw new PodiumError('unavailable', { cause })
  }
}

const refused = (pointer: string, code: string): PodiumError =>
  new PodiumError('malformed', { errors: [{ pointer, code }] })

const unavailable = (reason: string): PodiumError =>
  new PodiumError('unavailable', { cause: new Error(`Open Trivia DB: ${reason}`) })
