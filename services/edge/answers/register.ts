import { create, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { AnswersRequestSchema, type RecordedAnswer } from '#gen/command_pb'
import type { EarnedBatch } from '#gen/score_pb'
import type { Clock } from '#platform/clock'
import { sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'
import type { Link } from '../sessions/feed.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { SessionReplicas } from '../sessions/session-replicas.ts'
import type { SessionNews } from '../streams/session-news.ts'
import type { AnsweredQuestion, OwnAnswer } from './answer-batches.ts'

/** An answer of which this edge knows no more than that it counts: another edge accepted it. */
interface CountedAnswer {
  readonly state: 'counted'
  readonly answerId: string
}

export type KnownAnswer = OwnAnswer | CountedAnswer

/** Who answered one question. */
export interface QuestionRegister extends AnsweredQuestion {
  /** By player. */
  readonly answers: Map<string, KnownAnswer>
  /** Every answer that was scored before now is in it. */
  isComplete: boolean
  loading: Promise<void> | undefined
  /** Answers to it could not be stored for a while, and it has not been extended since. */
  hadOutage: boolean
}

/** Longest wait for `session`, which waits for the workers. */
const LOOK_UP_TIMEOUT_MS = 2_500
/** Questions of a session that are remembered: the open one, and the one that late repeats are about. */
const MAX_QUESTIONS = 2

export type AnswerRegisters = ReturnType<typeof createAnswerRegisters>

/**
 * Who answered the open question of each session that this edge knows: by what it accepted, and by what was scored, whichever
 * edge accepted it. An edge that begins to look in mid-question, or has missed something, asks `session` once.
 */
export const createAnswerRegisters = (deps: {
  readonly replicas: Pick<SessionReplicas, 'onOpen' | 'onFeed'>
  readonly news: Pick<SessionNews, 'earned'>
  readonly link: Pick<Link, 'onDown'>
  readonly nats: Pick<NatsConnection, 'request'>
  readonly clock: Clock
  readonly telemetry?: Telemetry | undefined
}) => {
  const { replicas, news, link, nats, clock, telemetry } = deps
  /** By session, the latest question last. */
  const sessions = new Map<string, QuestionRegister[]>()

  /** What this edge remembers of a question. */
  const find = (sessionId: string, questionId: string): QuestionRegister | undefined =>
    sessions.get(sessionId)?.find((each) => each.questionId === questionId)

  const onEarned = ({ sessionId, answers }: EarnedBatch): void => {
    for (const { questionId, playerId, answerId } of answers) note(find(sessionId, questionId), playerId, answerId)
  }

  replicas.onOpen((sessionId) => {
    sessions.set(sessionId, [])
    const end = news.earned(sessionId, onEarned)
    return () => {
      sessions.delete(sessionId)
      end()
    }
  })
  /** +1 each time it is lost: what was scored meanwhile was not heard. */
  let losses = 0
  link.onDown(() => {
    losses += 1
    for (const register of [...sessions.values()].flat()) {
      register.isComplete = false
      register.hadOutage = true
    }
  })

  /** The register of the question that is open, or announced. */
  const current = ({
    sessionId,
    state: { question },
    opensAtMonotonic,
  }: SessionReplica): QuestionRegister | undefined => {
    const registers = sessions.get(sessionId)
    if (question === undefined || registers === undefined) return undefined
    const { questionId, index: questionIndex } = question
    const known = registers.find((each) => each.questionId === questionId)
    if (known !== undefined) return known
    const register: QuestionRegister = {
      ...{ sessionId, questionId, questionIndex },
      answers: new Map(),
      // Before a question has opened for the first time no edge accepts an answer to it.
      isComplete:
        question.elapsedBeforeMs === 0 &&
        question.extendedMs === undefined &&
        clock.monotonic() < (opensAtMonotonic ?? 0),
      loading: undefined,
      hadOutage: false,
    }
    registers.push(register)
    if (registers.length > MAX_QUESTIONS) registers.shift()
    return register
  }
  // As early as possible, while it is certain that there are no answers yet.
  replicas.onFeed((replica, { event }) => {
    const register = current(replica)
    if (register !== undefined && event?.event.case === 'questionExtended') register.hadOutage = false
  })

  const ask = async (question: AnsweredQuestion, playerId?: string): Promise<readonly RecordedAnswer[]> => {
    const { sessionId, questionIndex } = question
    const request = create(AnswersRequestSchema, {
      sessionId,
      questionIndex,
      ...(playerId !== undefined && { playerId }),
    })
    const payload = toBinary(AnswersRequestSchema, request)
    const options = { timeoutMs: LOOK_UP_TIMEOUT_MS, telemetry }
    return (await sendCommand(nats, 'session-answers', payload, 'answers', options)).answers
  }

  const loadNow = async (register: QuestionRegister): Promise<void> => {
    const before = losses
    for (const { playerId, answerId } of await ask(register)) note(register, playerId, answerId)
    register.isComplete = losses === before
  }

  /** Reads who has answered so far, once for all that wait for it. @throws PodiumError `unavailable` */
  const load = (register: QuestionRegister): Promise<void> => {
    register.loading ??= loadNow(register).finally(() => {
      register.loading = undefined
    })
    return register.loading
  }

  return {
    current,
    load,
    find,
    /**
     * The answer of a player that counts, or that there is none and that none which was published before will ever be.
     * @throws PodiumError `unavailable` when that is not certain
     */
    lookUp: async (question: AnsweredQuestion, playerId: string): Promise<RecordedAnswer | undefined> => {
      const register = find(question.sessionId, question.questionId)
      const known = register?.answers.get(playerId)
      const [answer] = await ask(question, playerId)
      // Unless it was published again meanwhile.
      if (known?.state === 'unknown' && register?.answers.get(playerId) === known) {
        if (answer === undefined) register.answers.delete(playerId)
        else settleUnknown(register, playerId, known, answer.answerId)
      }
      return answer
    },
    /** The player has an answer to the open question that is stored. @throws PodiumError `unavailable` */
    hasAnswered: async (replica: SessionReplica, playerId: string): Promise<boolean> => {
      const register = current(replica)
      if (register === undefined) return false
      if (!register.isComplete) await load(register)
      const state = register.answers.get(playerId)?.state
      return state === 'accepted' || state === 'counted'
    },
  }
}

/** Records that a player's answer counts; this edge or another one accepted it. */
const note = (register: QuestionRegister | undefined, playerId: string, answerId: string): void => {
  const known = register?.answers.get(playerId)
  if (known === undefined) register?.answers.set(playerId, { state: 'counted', answerId })
  else if (known.state === 'unknown') settleUnknown(register, playerId, known, answerId)
}

/** An answer counts, so it is known what became of one without a PubAck: it is that one, or it came second. */
const settleUnknown = (
  register: QuestionRegister | undefined,
  playerId: string,
  known: OwnAnswer,
  answerId: string,
): void => {
  if (known.answerId === answerId) known.state = 'accepted'
  else register?.answers.set(playerId, { state: 'counted', answerId })
}
