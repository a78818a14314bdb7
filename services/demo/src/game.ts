import type { Credentials, Entry, EventStream, PodiumClient, QuizInput } from '#client'
import { joinAll, type Lobby } from './clients.ts'
import type { Contestant } from './contestant.ts'
import type { Display } from './display.ts'
import type { Measures } from './measures.ts'
import type { Known, Persona } from './persona.ts'

export interface GamePlan {
  readonly host: PodiumClient
  readonly quiz: QuizInput
  readonly personas: readonly Persona[]
  readonly display: Display
  readonly measures: Measures
  readonly lobby: Omit<Lobby, 'joinCode' | 'knowledge' | 'measures' | 'onAccepted'>
}

export interface PlayedGame {
  readonly sessionId: Credentials['sessionId']
  readonly contestants: readonly Contestant[]
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

/** Creates quiz and session, lets everybody in, and plays to the end. Aborted: closes what it opened and rejects. */
export const playGame = async ({ host, quiz, personas, display, measures, lobby }: GamePlan): Promise<PlayedGame> => {
  const { quizId } = await host.createQuiz(quiz)
  const { questions } = await host.quiz(quizId)
  const knowledge = new Map<string, Known>(questions.map((question) => [question.questionId, question]))
  const { sessionId, joinCode } = await host.createSession({
    quizId,
    settings: {
      timeLimitSeconds: TIME_LIMIT_SECONDS,
      startDelaySeconds: START_DELAY_SECONDS,
      revealSeconds: REVEAL_SECONDS,
      maxParticipants: Math.max(1_000, personas.length),
    },
  })
  const stream = host.watch(sessionId)
  let contestants: readonly Contestant[] = []
  const close = () => {
    for (const { player } of contestants) player.close()
    stream.close()
  }
  lobby.signal.addEventListener('abort', close)
  try {
    showHostStream(stream, personas.length, display, measures, knowledge)
    await stream.connect()
    display.lobby({ title: quiz.title, players: personas.length, joinCode, serverNow: stream.serverNow })
    let current = ''
    stream.on('question.opened', ({ data }) => {
      current = data.questionId
    })
    const onAccepted = (questionId: string) => {
      if (questionId === current) display.answered()
    }
    contestants = await joinAll(personas, { ...lobby, joinCode, knowledge, measures, onAccepted }, (joined) =>
      display.joined(joined.length, joined.filter(({ transport }) => transport === 'ws').length),
    )
    display.starting()
    const seconds = (TIME_LIMIT_SECONDS + REVEAL_SECONDS + MARGIN_SECONDS) * quiz.questions.length + 30
    const finished = stream.next('session.finished', { timeoutMs: seconds * 1_000 })
    // Awaited below; the host's command may fail first.
    finished.catch(() => undefined)
    await host.control(sessionId, 'start')
    const { data } = await finished
    await Promise.all(contestants.map((contestant) => contestant.settled()))
    display.finished()
    return { sessionId, contestants, top: data.top, close }
  } catch (error) {
    close()
    throw error
  } finally {
    lobby.signal.removeEventListener('abort', close)
  }
}

/** The host is one more client that watches; its number comes after the players'. */
const showHostStream = (
  stream: EventStream,
  client: number,
  display: Display,
  measures: Measures,
  knowledge: ReadonlyMap<string, Known>,
): void => {
  stream.on('question.opened', ({ data }) => display.opened(data, knowledge.get(data.questionId)?.difficulty))
  stream.on('question.closed', ({ data }) => display.closed(data))
  stream.on('session.finished', ({ data }) => display.board(data.top))
  stream.on('leaderboard.updated', ({ data }) => {
    measures.frame(client, undefined, data)
    display.board(data.top)
  })
}
