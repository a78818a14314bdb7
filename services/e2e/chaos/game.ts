import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createClient, newAnswerId, type Player, PodiumProblem, type PublicQuestion } from '#client'
import type { Stack } from '../../../deploy/local/stack.ts'
import { createGame, quizOf } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { verifySession } from '../../verify/index.ts'
import { createTimeline, type Timeline } from './timeline.ts'

/** What a fault does to a stack; what it took down works again when it resolves. */
export type Inflict = (stack: Stack, context: FaultContext) => Promise<void>

export interface FaultContext {
  /** Of the game that is played. */
  readonly sessionId: string
  /** Something that the timeline shows. */
  readonly mark: (text: string) => void
}

export interface PlayOptions {
  readonly players: number
  readonly questions: number
  readonly timeLimitSeconds: number
  /** For what the players send and the fault. */
  readonly signal?: AbortSignal
}

export interface Played {
  readonly sessionId: string
  readonly timeline: Timeline
  /** Answers that were accepted in the end. */
  readonly accepted: number
  /** The longest time, in milliseconds, from the first attempt of an answer to its acceptance. */
  readonly longestWaitMs: number
  /** Refused as late although the player had sent the answer in time. */
  readonly refusedInVain: number
  /** Questions that a player heard of only after they had closed, or never. */
  readonly notHeard: number
  /** Told the players that a question stays open longer. */
  readonly extended: number
  /** What is wrong: must be empty whatever happened. */
  readonly violations: readonly string[]
}

/** Longer than any fault here lasts. */
const SETTLE_MS = 60_000
const ATTEMPT_MS = 2_500
const RETRY_MS = 200
/** Players answer within this share of a question's time. */
const [EARLIEST, LATEST] = [0.05, 0.8]

/**
 * Plays a game by itself to its end, with the fault in its second question. Every player answers every question once, and repeats
 * an answer until its outcome is known. At the end what the players were told is compared with the ledger, and that with totals,
 * board and stream.
 */
export const playUnder = async (stack: Stack, inflict: Inflict, options: PlayOptions): Promise<Played> => {
  const { questions, timeLimitSeconds } = options
  const timeline = createTimeline()
  const clientOf = async (name: string, roles: readonly string[] = []) =>
    createClient({
      baseUrl: stack.urls.edge,
      token: await stack.issuer.token({ sub: `chaos-${name}`, name, roles }),
    })
  const outcomes = new Map<string, Outcome>()
  const heard = new Set<string>()
  const lastWords = new Set<string>()
  const running: Promise<void>[] = []
  let extended = 0
  let longestWaitMs = 0
  const onPlayer = (player: Player): void => {
    player.on('question.opened', ({ data }) => {
      const key = `${player.playerId} ${data.index}`
      if (heard.has(key)) return
      if (player.serverNow() < data.closesAt) heard.add(key)
      running.push(answerOnce(player, data))
    })
    player.on('*', ({ type, data }) => {
      if (type === 'question.extended' && !lastWords.has(JSON.stringify(data))) {
        lastWords.add(JSON.stringify(data))
        extended += 1
      }
    })
  }

  const answerOnce = async (player: Player, question: PublicQuestion): Promise<void> => {
    const { index, opensAt, closesAt, questionId } = question
    const span = (closesAt - opensAt) * (EARLIEST + Math.random() * (LATEST - EARLIEST))
    await sleep(Math.max(0, opensAt + span - player.serverNow()), undefined, { signal: options.signal })
    const answerId = newAnswerId()
    const wasInTime = player.serverNow() < closesAt
    const content = { choice: index % 2 }
    const key = `${player.playerId} ${index}`
    const first = timeline.now()
    for (const deadline = performance.now() + SETTLE_MS; ; ) {
      const attempt = { via: 'http', answerId, maxAttempts: 1, attemptTimeoutMs: ATTEMPT_MS } as const
      const began = timeline.now()
      try {
        await player.answer(questionId, content, attempt)
        timeline.attempt({ at: began, took: timeline.now() - began, outcome: 'accepted' })
        outcomes.set(key, { kind: 'accepted', wasInTime })
        longestWaitMs = Math.max(longestWaitMs, timeline.now() - first)
        return
      } catch (error) {
        const problem = error instanceof PodiumProblem ? error : undefined
        const isFinal = problem !== undefined && problem.status >= 400 && problem.status < 500 && problem.status !== 429
        const isEarly = problem?.code === 'question-not-open'
        const outcome = isFinal && !isEarly ? 'refused' : 'failed'
        timeline.attempt({ at: began, took: timeline.now() - began, outcome })
        if (outcome === 'refused') {
          outcomes.set(key, { kind: 'refused', code: problem?.code ?? '', wasInTime })
          return
        }
        outcomes.set(key, { kind: 'unknown', wasInTime })
        if (performance.now() > deadline || options.signal?.aborted === true) return
        await sleep(RETRY_MS)
      }
    }
  }

  const game = await createGame(
    { host: () => clientOf('host', ['host']), user: (name) => clientOf(name), onPlayer },
    {
      quiz: quizOf(questions),
      players: Array.from({ length: options.players }, (_, index) => `Player ${index + 1}`),
      settings: {
        timeLimitSeconds,
        startDelaySeconds: 1,
        revealSeconds: 1,
        closeWhenAllAnswered: false,
        maxParticipants: options.players,
      },
    },
  )
  const { host, players, session } = game
  const { sessionId } = session
  try {
    const [first] = players
    const second = new Promise<void>((resolve) =>
      first?.on('question.opened', ({ data }) => {
        timeline.mark(`question ${data.index + 1}`)
        if (data.index === 1) resolve()
      }),
    )
    await host.control(sessionId, 'start')
    await second
    await sleep(timeLimitSeconds * 250)
    timeline.beginFault()
    await inflict(stack, { sessionId, mark: timeline.mark })
    timeline.endFault()
    await eventually(async () => (await host.session(sessionId)).status === 'finished', {
      timeoutMs: questions * (timeLimitSeconds + 5) * 1_000 + SETTLE_MS,
      intervalMs: 250,
      what: 'the game is over',
    })
    await Promise.all(running)
    const isExact = await eventually(async () => (await differencesOf(stack, sessionId)).length === 0, {
      timeoutMs: SETTLE_MS,
      intervalMs: 500,
    }).catch(() => false)
    const differs = isExact ? [] : (await differencesOf(stack, sessionId)).map((each) => JSON.stringify(each))
    const violations = [...differs, ...contradictions(outcomes, await ledgerOf(stack, sessionId))]
    const all = [...outcomes.values()]
    return {
      sessionId,
      timeline,
      accepted: all.filter(({ kind }) => kind === 'accepted').length,
      longestWaitMs,
      refusedInVain: all.filter(({ kind, wasInTime }) => kind === 'refused' && wasInTime).length,
      notHeard: players.length * questions - heard.size,
      extended,
      violations,
    }
  } finally {
    for (const player of players) player.close()
  }
}

type Outcome = { readonly wasInTime: boolean } & (
  | { readonly kind: 'accepted' | 'unknown' }
  | { readonly kind: 'refused'; readonly code: string }
)

/** What players were told against what counts. */
const contradictions = (outcomes: ReadonlyMap<string, Outcome>, ledger: ReadonlySet<string>): readonly string[] =>
  [...outcomes].flatMap(([key, outcome]) => {
    if (outcome.kind === 'accepted' && !ledger.has(key)) return [`accepted and not in the ledger: ${key}`]
    if (outcome.kind === 'refused' && ledger.has(key)) return [`refused (${outcome.code}) and in the ledger: ${key}`]
    if (outcome.kind === 'unknown') return [`no outcome: ${key}`]
    return []
  })

const differencesOf = async (stack: Stack, sessionId: string) => {
  const { postgres: databaseUrl, redis: redisUrl, nats: natsUrl } = stack.urlsOf('verify')
  return (await verifySession({ sessionId, databaseUrl, redisUrl, natsUrl })).differences
}

const LEDGER = `
SELECT p.id, l.question_index AS index FROM ledger AS l
  JOIN players AS p ON p.session_id = l.session_id AND p.join_order = l.join_order
WHERE l.session_id = $1`

const ledgerOf = async (stack: Stack, sessionId: string): Promise<ReadonlySet<string>> => {
  const client = new pg.Client({ connectionString: stack.urls.postgres, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: string; index: number }>(LEDGER, [sessionId])
    return new Set(rows.map(({ id, index }) => `${id} ${index}`))
  } finally {
    await client.end()
  }
}
