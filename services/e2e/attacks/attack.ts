import { openRaw, type RawConnection } from '../raw-connection.ts'
import { describeResponse, parseResponse, parseResponses } from '../raw-response.ts'
import type { Target, TargetGame } from '../target.ts'

/** Something that a client or a neighbour on the bus should not do, and what comes of it. */
export interface Attack {
  readonly group: string
  readonly name: string
  /** What `run` must observe: status and code, close code, or what became of it; in few words. */
  readonly expected: string
  /** Takes ten seconds; the others a few at most. */
  readonly isSlow: boolean
  run(target: Target): Promise<string>
}

type AttackInit = readonly [name: string, expected: string, run: (target: Target) => Promise<string>]

export const attacksOf = (group: string, attacks: readonly AttackInit[], isSlow = false): Attack[] =>
  attacks.map(([name, expected, run]) => ({ group, name, expected, isSlow, run }))

/** What has come back on a raw connection, in few words: the responses and whether the connection was closed. */
export const describe = (connection: RawConnection): string => {
  const responses = parseResponses(connection.received()).map(describeResponse)
  const answers = responses.length > 1 ? [summary(responses)] : responses
  const parts = [...answers, ...(connection.isClosed() ? ['closed'] : [])]
  return parts.length === 0 ? 'no answer' : parts.join(', ')
}

/** On a busy machine the first response may take longer than any pause within one. */
const BUSY_MS = 3_000

/** Sends bytes on a connection of their own, and says what came back until the edge closed or nothing came for a while. */
export const send = async (target: Target, bytes: string | Uint8Array, quietMs = 400): Promise<string> => {
  const connection = await openRaw(target.port)
  connection.write(bytes)
  await connection.quiet(quietMs)
  if (connection.received().length === 0) await connection.quiet(BUSY_MS)
  connection.destroy()
  return describe(connection)
}

/** Sends one request and says what the first response to it is, as soon as it is there. `from`: the address it comes from. */
export const ask = async (target: Target, bytes: string | Uint8Array, from?: string): Promise<string> => {
  const answered = Promise.withResolvers<string>()
  let received = Buffer.alloc(0)
  const connection = await openRaw(
    target.port,
    (chunk) => {
      received = Buffer.concat([received, chunk])
      const parsed = parseResponse(received)
      if (parsed !== undefined) answered.resolve(describeResponse(parsed.response))
    },
    from,
  )
  connection.write(bytes)
  const answer = await Promise.race([answered.promise, connection.closed.then(() => 'closed')])
  connection.destroy()
  return answer
}

export const JSON_TYPE = 'Content-Type: application/json'

/** A POST of JSON. */
export const postOf = (path: string, body: string, ...headers: readonly string[]): string =>
  `${head(`POST ${path} HTTP/1.1`, JSON_TYPE, `Content-Length: ${Buffer.byteLength(body)}`, ...headers)}${body}`

/** A request line and a Host header with more behind. */
export const head = (line: string, ...headers: readonly string[]): string =>
  [line, 'Host: podium', ...headers, '', ''].join('\r\n')

export interface OpenGame {
  readonly game: TargetGame
  readonly questionId: string
  readonly answersPath: string
}

const openGames = new WeakMap<Target, Promise<OpenGame>>()

/** A game whose first question is open and stays so; one for all attacks on a target. */
export const openGame = (target: Target): Promise<OpenGame> => {
  const known = openGames.get(target)
  if (known !== undefined) return known
  const opening = (async () => {
    const game = await target.game()
    const { questionId } = await game.start()
    return { game, questionId, answersPath: `/v1/sessions/${game.sessionId}/answers` }
  })()
  openGames.set(target, opening)
  return opening
}

/** All outcomes with how often each came, when they are not all the same. */
export const summary = (outcomes: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  if (counts.size === 1) return outcomes[0] ?? ''
  return [...counts].map(([outcome, count]) => `${count} × ${outcome}`).join(', ')
}

/** Status and code of a plain HTTP exchange. */
export const outcome = ({ status, body }: { readonly status: number; readonly body: { code?: string } }): string =>
  status >= 400 ? `${status} ${body.code}` : `${status}`
