import type { CreateQuizRequest, Entry, ImportQuizRequest, PodiumClient } from '#client'
import type { Known } from '../client/testing/answer-content.ts'
import { forEachOf } from '../client/testing/game.ts'
import type { Persona } from '../client/testing/persona.ts'
import { type Contestant, createContestant } from './contestant.ts'
import type { Display } from './display.ts'
import { scriptFor, stageIncidents } from './incidents.ts'
import { briefly, type Measures } from './measures.ts'

export interface PlayedGame {
  readonly sessionId: string
  readonly contestants: readonly Contestant[]
  /** How many of them were not there when it began. */
  readonly latecomers: number
  /** The podium as the host's stream told it at the end. */
  readonly top: readonly Entry[]
  /** How often each outcome of an answer happened. */
  readonly counts: ReadonlyMap<string, number>
  /** What no player should have met. */
  readonly troubles: readonly string[]
  close(): void
}

export interface GamePlan {
  readonly host: PodiumClient
  readonly clientOf: (persona: Persona) => Promise<PodiumClient>
  readonly quiz: CreateQuizRequest | ImportQuizRequest
  readonly personas: readonly Persona[]
  readonly display: Display
  readonly measures: Measures
  readonly signal: AbortSignal
  /** For people who play along: says where. Without it only the simulated players can join. */
  readonly invite?: (joinCode: string) => void
}

/** Short, so that ten questions take well under a minute. */
const TIME_LIMIT_SECONDS = 5
const START_DELAY_SECONDS = 2
const REVEAL_SECONDS = 1
/** For people, who have to join first and to read. */
const WITH_PEOPLE = { access: 'guests', startDelaySeconds: 30, timeLimitSeconds: 15, revealSeconds: 5 } as const
/** For what a question takes besides: the lead before it opens, the grace and the drain after it. */
const MARGIN_SECONDS = 3
const PARALLEL_JOINS = 20

/** Creates quiz and session, lets the players in, and plays to the end. Aborted: closes what it opened and rejects. */
export const playGame = async (plan: GamePlan): Promise<PlayedGame> => {
  const { host, clientOf, personas, display, measures, signal } = plan
  const quizId = await createQuiz(plan)
  const { title, questions } = await host.quiz(quizId)
  const knowledge = new Map<string, Known>(questions.map((question) => [question.questionId, question]))
  const { latecomers, incidents, adapt } = scriptFor(personas.length, questions.length)
  const { sessionId, joinCode } = await host.createSession({
    quizId,
    settings: {
      timeLimitSeconds: TIME_LIMIT_SECONDS,
      startDelaySeconds: START_DELAY_SECONDS,
      revealSeconds: REVEAL_SECONDS,
      streakBonus: true,
      reveal: 'immediate', // a live leaderboard to look at, and scores to measure, while a question is open
      maxParticipants: Math.max(1_000, personas.length),
      ...(plan.invite !== undefined && WITH_PEOPLE),
    },
  })
  const stream = host.watch(sessionId)
  const contestants = new Map<number, Contestant>()
  const counts = new Map<string, number>()
  const answered = new Map<string, number>()
  const troubles: string[] = []
  const increment = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)
  const close = (): void => {
    for (const { player } of contestants.values()) player.close()
    stream.close()
  }
  signal.addEventListener('abort', close)

  const admit = async (persona: Persona): Promise<Contestant> => {
    signal.throwIfAborted()
    const contestant = await createContestant(persona, await clientOf(persona), {
      session: joinCode,
      players: personas.length,
      knowledge,
      adapt,
      measures,
      count: (outcome) => increment(counts, outcome),
      onAccepted: (questionId) => increment(answered, questionId),
      onTrouble: (sentence) => troubles.push(sentence),
      signal,
    })
    contestants.set(persona.index, contestant)
    return contestant
  }

  try {
    // The host is one more client that watches.
    const observer = measures.observe()
    stream.on('leaderboard.updated', ({ data }) => observer.frame(data))
    await stream.connect()
    plan.invite?.(joinCode)
    display.show({
      title,
      players: personas.length,
      joinCode,
      stream,
      difficultyOf: (questionId) => knowledge.get(questionId)?.difficulty,
      attendance: () => {
        const present = [...contestants.values()].filter(({ presence }) => presence === 'in')
        const webSockets = present.filter(({ player }) => player.device.transport === 'ws').length
        return { present: present.length, webSockets }
      },
      answered: (questionId) => answered.get(questionId) ?? 0,
      latency: () =>
        `Answer to 202: ${briefly(measures.accepted)} · own score: ${briefly(measures.ownScore)} · others' top ten: ${briefly(measures.seenSoFar)}`,
    })
    const early = personas.filter(({ index }) => !latecomers.includes(index))
    await forEachOf(early, PARALLEL_JOINS, async (persona) => void (await admit(persona)))
    const stage = stageIncidents({
      incidents,
      host,
      sessionId,
      stream,
      contestantOf: (player) => contestants.get(player),
      admitLate: (player) => admit(personas[player] as Persona),
      tell: display.tell,
      onTrouble: (sentence) => troubles.push(sentence),
      signal,
    })
    const each =
      plan.invite === undefined
        ? TIME_LIMIT_SECONDS + REVEAL_SECONDS
        : WITH_PEOPLE.timeLimitSeconds + WITH_PEOPLE.revealSeconds
    const seconds = (each + MARGIN_SECONDS) * questions.length + 60
    const finished = stream.next('session.finished', { timeoutMs: seconds * 1_000 })
    finished.catch(() => undefined) // awaited below; the host's command may fail first
    await host.control(sessionId, 'start')
    const { top } = (await finished).data
    await stage.settled()
    const all = [...contestants.values()]
    await Promise.all(all.map(({ player }) => player.settled()))
    return { sessionId, contestants: all, latecomers: latecomers.length, top, counts, troubles, close }
  } catch (error) {
    close()
    throw error
  } finally {
    signal.removeEventListener('abort', close)
  }
}

const createQuiz = async ({ host, quiz, display }: GamePlan): Promise<string> => {
  if ('questions' in quiz) return (await host.createQuiz(quiz)).quizId
  const { quizId, skipped } = await host.importQuiz(quiz)
  if (skipped.length > 0) display.say(`${skipped.length} questions of the file cannot be played and are left out.`)
  return quizId
}
