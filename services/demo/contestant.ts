import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AnswerContent,
  newAnswerId,
  optionsOf,
  type Player,
  type PodiumClient,
  PodiumProblem,
  type PublicQuestion,
} from '#client'
import type { Known } from '../client/testing/answer-content.ts'
import { type AnswerPlan, type Persona, planFor } from '../client/testing/persona.ts'
import { joinAsSimulatedPlayer, type SimulatedPlayer } from '../client/testing/simulated-player.ts'
import type { Measures } from './measures.ts'

/** A simulated player of the demo: answers as planned for it, is measured, and checks what the server says to it. */
export interface Contestant {
  readonly persona: Persona
  readonly player: SimulatedPlayer
  readonly presence: 'in' | 'left' | 'removed'
  /** How this player came back, if it did. */
  readonly returned: 'after leaving' | 'on another device' | undefined
  /** Answers that were accepted, each counted once. */
  readonly accepted: number
  leave(): Promise<void>
  /** Joins again after leaving, on another device. */
  comeBack(): Promise<void>
  /** Continues on another device while the first one is connected. */
  changeDevice(): Promise<void>
  /** After the host has removed this player: checks that it is out for good. */
  checkRemoved(): Promise<void>
}

/** What the contestants of one game share. */
export interface Surroundings {
  readonly session: string
  readonly players: number
  /** What there is to know, by question id. */
  readonly knowledge: ReadonlyMap<string, Known>
  readonly adapt: (plan: AnswerPlan, player: number, question: number) => AnswerPlan
  readonly measures: Measures
  /** Counts what became of answers. */
  readonly count: (outcome: string) => void
  /** An answer to this question was accepted for the first time. */
  readonly onAccepted: (questionId: string) => void
  /** Everything that no player should ever meet. */
  readonly onTrouble: (sentence: string) => void
  readonly signal: AbortSignal
}

interface Answer {
  readonly questionId: string
  readonly answerId: string
  readonly content: AnswerContent
  readonly via: 'ws' | 'http'
}

/** For the server to tell and close a connection. */
const NOTICE_MS = 5_000

/** Joins and connects. */
export const createContestant = async (
  persona: Persona,
  client: PodiumClient,
  { session, players, knowledge, adapt, measures, count, onAccepted, onTrouble, signal }: Surroundings,
): Promise<Contestant> => {
  const { nickname } = persona
  let accepted = 0
  let score = 0
  let isRemoved = false
  let returned: Contestant['returned']
  const trouble = (sentence: string): void => {
    if (!signal.aborted) onTrouble(`${nickname}: ${sentence}`)
  }
  const expect = (what: string, expected: unknown, found: unknown): void => {
    if (expected !== found) trouble(`${what} should be ${expected} and was ${found}`)
  }
  const scoreNow = (): number => {
    const { me, earned } = player.device.board
    score = Math.max(score, me?.score ?? 0, earned?.score ?? 0)
    return score
  }

  /** The time of receipt, or the code of the refusal. */
  const send = async ({ questionId, content, answerId, via }: Answer): Promise<number | string> => {
    const { device } = player
    count('sent')
    try {
      const options = { answerId, via: via === 'ws' && device.transport === 'ws' ? 'ws' : 'http' } as const
      const { receivedAt } = await device.answer(questionId, content, options)
      count('accepted')
      return receivedAt
    } catch (error) {
      const code = codeOf(error)
      count(`refused: ${code}`)
      return code
    }
  }

  /** The first answer to a question, measured. */
  const sendFirst = async (answer: Answer): Promise<number | string> => {
    const attempt = measures.sending(player.playerId, answer.questionId, scoreNow())
    const result = await send(answer)
    if (typeof result === 'number') {
      measures.wasAccepted(attempt)
      accepted += 1
      onAccepted(answer.questionId)
    } else {
      measures.withdraw(attempt)
      if (result !== 'session-paused') trouble(`an answer in time was refused: ${result}`)
    }
    return result
  }

  const sendRefused = async (answer: Answer, code: string): Promise<void> =>
    expect('the result of an answer', code, await send({ ...answer, answerId: newAnswerId(), via: 'ws' }))

  /** Another edge, which may get the next request, knows of an answer from when it is scored (decision 0001). */
  const untilScored = async (questionId: string): Promise<void> => {
    const deadline = performance.now() + NOTICE_MS
    while (player.device.board.earned?.questionId !== questionId && performance.now() < deadline && !signal.aborted) {
      await sleep(20)
    }
  }

  const play = async (question: PublicQuestion): Promise<void> => {
    const { questionId, index } = question
    const known = knowledge.get(questionId)
    if (known === undefined) return trouble('got a question that is not in the quiz')
    const plan = adapt(planFor(persona, known, index, players, optionsOf(question)), persona.index, index)
    if (plan.kind === 'silent') return
    const answer = { questionId, answerId: newAnswerId(), content: plan.content, via: plan.via }
    if (plan.kind === 'late') {
      await player.until(question, plan.delayMs)
      return sendRefused(answer, 'question-closed')
    }
    const onPause = () => {
      if (plan.impatient) player.run(sendRefused(answer, 'session-paused'))
    }
    // A player who joins in mid-question begins to think then.
    const begin = Math.max(question.opensAt, player.device.serverNow())
    await player.until(question, begin + plan.delayMs - question.closesAt, onPause)
    let result = await sendFirst(answer)
    if (result === 'session-paused') {
      await player.unpaused()
      await player.until(question, begin + plan.delayMs - question.closesAt)
      result = await sendFirst(answer)
    }
    if (typeof result !== 'number') return
    if (plan.again || plan.second !== undefined) await untilScored(questionId)
    if (plan.again) {
      count('sent again')
      expect('the result of the same answer', result, await send({ ...answer, via: 'http' }))
    }
    if (plan.second !== undefined) await sendRefused({ ...answer, content: plan.second }, 'already-answered')
  }

  const onDevice = (device: Player): void => {
    let observer: ReturnType<Measures['observe']> | undefined
    device.on('session.snapshot', () => {
      observer ??= measures.observe(device.playerId)
    })
    device.on('leaderboard.updated', ({ data }) => observer?.frame(data))
    device.on('score.updated', ({ data }) => measures.wasScored(device.playerId, data.questionId, data.points))
    void device.ended.then(() => observer?.gone()) // never rejects
  }

  const player = await joinAsSimulatedPlayer({
    client,
    session,
    nickname,
    stream: { transport: persona.transport },
    onDevice,
    onQuestion: play,
    onFault: (error) => trouble(String(error)),
    signal,
  })

  /** One player before and after: the same id, points and answers. */
  const resume = async (): Promise<Player> => {
    const before = { playerId: player.playerId, score: scoreNow() }
    const { old, snapshot } = await player.changeDevice({ transport: player.device.transport === 'ws' ? 'sse' : 'ws' })
    expect('the player id after coming back', before.playerId, player.device.playerId)
    expect('the score after coming back', before.score, snapshot.me?.score)
    expect('the number of answers after coming back', accepted, snapshot.me?.answered.length)
    return old
  }

  await player.connect()

  return {
    persona,
    player,
    get presence() {
      return isRemoved ? 'removed' : player.isIn ? 'in' : 'left'
    },
    get returned() {
      return returned
    },
    get accepted() {
      return accepted
    },
    leave: () => player.leave(),
    comeBack: async () => {
      await resume()
      returned = 'after leaving'
    },
    changeDevice: async () => {
      const old = await resume()
      returned = 'on another device'
      expect('the end of the first device', 'player-replaced', await refusalOf(endOf(old)))
    },
    checkRemoved: async () => {
      isRemoved = true
      expect('the end of the stream', 'player-removed', await refusalOf(endOf(player.device)))
      expect('the answer to the old token', 'unauthorized', await refusalOf(player.device.state()))
      expect('the answer to another join', 'forbidden', await refusalOf(client.join(session)))
    },
  }
}

const codeOf = (error: unknown): string => (error instanceof PodiumProblem ? error.code : String(error))

/** Rejects with the reason why the server ended a stream. */
const endOf = async ({ ended }: Player): Promise<void> => {
  const problem = await ended
  if (problem !== undefined) throw problem
}

/** The code that the attempt rejects with; undefined when it resolves, or does neither in time. */
const refusalOf = async (attempt: Promise<unknown>): Promise<string | undefined> => {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, NOTICE_MS, undefined)
  const code = await Promise.race([attempt.then(() => undefined, codeOf), late])
  clearTimeout(timer)
  return code
}
