import type { Credentials, Entry, EventStream, PodiumClient, QuizInput } from '#client'
import type { Known } from '../client/testing/answer-content.ts'
import type { Persona } from '../client/testing/persona.ts'
import { joinAll, joinOne, type Lobby } from './clients.ts'
import type { Contestant } from './contestant.ts'
import { createDirector } from './director.ts'
import type { Display } from './display.ts'
import { briefly } from './latencies.ts'
import type { Measures } from './measures.ts'
import { scriptFor } from './script.ts'

export interface GamePlan {
  readonly host: PodiumClient
  readonly quiz: QuizInput
  readonly personas: readonly Persona[]
  readonly display: Display
  readonly measures: Measures
  readonly lobby: Omit<Lobby, 'joinCode' | 'knowledge' | 'measures' | 'onAccepted' | 'script' | 'players'>
}

export interface PlayedGame {
  readonly sessionId: Credentials['sessionId']
  readonly contestants: readonly Contestant[]
  /** How many of them were not there when it began. */
  readonly latecomers: number
  /** The podium as the host's stream told it at the end. */
  readonly top: readonly Entry[]
  readonly close: () => void
}

/** Short, so that ten questions take well under a minute. */
const TIME_LIMIT_SECONDS = 5
const START_DELAY_SECONDS = 2
const REVEAL_SECONDS = 1
/** For what a question takes besides: the lead before it opens, the grace and the drain after it. */
const MARGIN_SECONDS = 3

/** Creates quiz and session, lets the players join, and plays to the end. Aborted: closes what it opened and rejects. */
export const playGame = async (plan: GamePlan): Promise<PlayedGame> => {
  const { host, quiz, personas, display, measures } = plan
  const { signal, onTrouble } = plan.lobby
  const { quizId } = await host.createQuiz(quiz)
  const { questions } = await host.quiz(quizId)
  const knowledge = new Map<string, Known>(questions.map((question) => [question.questionId, question]))
  const script = scriptFor(personas.length, questions.length)
  const { sessionId, joinCode } = await host.createSession({
    quizId,
    settings: {
      timeLimitSeconds: TIME_LIMIT_SECONDS,
      startDelaySeconds: START_DELAY_SECONDS,
      revealSeconds: REVEAL_SECONDS,
      streakBonus: true,
      maxParticipants: Math.max(1_000, personas.length),
    },
  })
  const stream = host.watch(sessionId)
  const contestants = new Map<number, Contestant>()
  const close = () => {
    for (const contestant of contestants.values()) contestant.close()
    stream.close()
  }
  signal.addEventListener('abort', close)
  try {
    showHostStream(stream, display, measures, knowledge)
    await stream.connect()
    const { serverNow } = stream
    const latency = () => latencyLine(measures)
    display.lobby({ title: quiz.title, players: personas.length, joinCode, serverNow, latency })
    let current = ''
    stream.on('question.opened', ({ data }) => {
      current = data.questionId
    })
    const onAccepted = (questionId: string) => {
      if (questionId === current) display.answered()
    }
    const lobby = { ...plan.lobby, players: personas.length, joinCode, knowledge, script, measures, onAccepted }
    const attendance = () => {
      const present = [...contestants.values()].filter(({ presence }) => presence() === 'in')
      display.attendance(present.length, present.filter(({ transport }) => transport() === 'ws').length)
    }
    const seat = (contestant: Contestant) => {
      contestants.set(contestant.persona.index, contestant)
      attendance()
    }
    await joinAll(
      personas.filter(({ index }) => !script.latecomers.includes(index)),
      lobby,
      seat,
    )
    display.starting()
    const director = createDirector({
      script,
      host,
      sessionId,
      stream,
      contestant: (player) => contestants.get(player),
      admitLate: async (player) => {
        const persona = personas[player]
        if (persona === undefined) throw new Error(`there is no player ${player}`)
        const contestant = await joinOne(persona, lobby)
        seat(contestant)
        return contestant
      },
      tell: (line) => {
        attendance()
        display.tell(line)
      },
      signal,
      onTrouble,
    })
    const seconds = (TIME_LIMIT_SECONDS + REVEAL_SECONDS + MARGIN_SECONDS) * questions.length + 30
    const finished = stream.next('session.finished', { timeoutMs: seconds * 1_000 })
    // Awaited below; the host's command may fail first.
    finished.catch(() => undefined)
    await host.control(sessionId, 'start')
    const { data } = await finished
    await director.settled()
    await Promise.all([...contestants.values()].map((contestant) => contestant.settled()))
    display.finished()
    const latecomers = script.latecomers.length
    return { sessionId, contestants: [...contestants.values()], latecomers, top: data.top, close }
  } catch (error) {
    close()
    throw error
  } finally {
    signal.removeEventListener('abort', close)
  }
}

/** The host is one more client that watches. */
const showHostStream = (
  stream: EventStream,
  display: Display,
  measures: Measures,
  knowledge: ReadonlyMap<string, Known>,
): void => {
  const observer = measures.observe()
  stream.on('question.opened', ({ data }) => display.opened(data, knowledge.get(data.questionId)?.difficulty))
  stream.on('question.closed', ({ data }) => display.closed(data))
  stream.on('session.paused', ({ data }) => display.paused(data.remainingMs ?? 0))
  stream.on('session.resumed', ({ data }) => display.resumed(data.question))
  stream.on('session.finished', ({ data }) => display.board(data.top))
  stream.on('leaderboard.updated', ({ data }) => {
    observer.frame(data)
    display.board(data.top)
  })
}

const latencyLine = ({ accepted, ownScore, seenSoFar }: Measures): string =>
  `Answer to 202: ${briefly(accepted)} · own score: ${briefly(ownScore)} · others' top ten: ${briefly(seenSoFar)}`
