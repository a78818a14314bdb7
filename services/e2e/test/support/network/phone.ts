import { type AnswerStore, createClient, memoryStore, newAnswerId, PodiumProblem, type PublicQuestion } from '#client'
import { joinAsSimulatedPlayer, type SimulatedPlayer } from '../../../../client/testing/simulated-player.ts'
import { startFlakyProxy } from './flaky-proxy.ts'
import type { Mishap, PhonePlan } from './scenario.ts'
import { createWitness, type Witness } from './witness.ts'

/** One player with a network of its own. */
export interface Phone {
  readonly player: SimulatedPlayer
  readonly plan: PhonePlan
  /** One for every start of the app. */
  readonly witnesses: readonly Witness[]
  /** Failures that no network can excuse. */
  readonly faults: readonly string[]
  suffer(mishap: Mishap): void
  heal(): void
  /** True when no answer waits for its outcome, neither in this process nor in the store. */
  isSettled(): Promise<boolean>
  close(): Promise<void>
}

/** Short times, as a test has no minutes. */
const STREAM = { backoff: { baseMs: 40, maxMs: 300 }, silenceMs: 1_200 }
const ANSWER = { attemptTimeoutMs: 500, deadlineMs: 2_500 }

/**
 * What may be the end of an answer: too late; or answered already, after the app was started again and the question was
 * answered anew. A repetition of the same answer gets the receipt.
 */
const isExpected = (code: string, starts: number): boolean =>
  code === 'question-closed' || (code === 'already-answered' && starts > 1)

/** A store that says whether it holds anything. */
const createStore = (): { store: AnswerStore; isEmpty: () => boolean } => {
  const memory = memoryStore()
  const keys = new Set<string>()
  return {
    isEmpty: () => keys.size === 0,
    store: {
      get: memory.get,
      put: (key, value) => {
        keys.add(key)
        return memory.put(key, value)
      },
      delete: (key) => {
        keys.delete(key)
        return memory.delete(key)
      },
    },
  }
}

export const createPhone = async (edgeUrl: URL, token: string, session: string, plan: PhonePlan): Promise<Phone> => {
  const proxy = await startFlakyProxy(edgeUrl)
  const { store, isEmpty } = createStore()
  const client = createClient({ baseUrl: proxy.url, token, answerStore: store, requestTimeoutMs: 2_000 })
  const witnesses: Witness[] = []
  const faults: string[] = []
  let answering = 0

  const answer = async (question: PublicQuestion, player: SimulatedPlayer): Promise<void> => {
    const planned = plan.answers[question.index]
    if (planned === undefined) return
    const { device } = player
    await player.until(question, question.opensAt + planned.delayMs - question.closesAt)
    if (device.board.answered.includes(question.questionId)) return
    const answerId = newAnswerId()
    const send = async (via: 'auto' | 'http'): Promise<void> => {
      answering += 1
      try {
        await device.answer(question.questionId, { choice: planned.choice }, { ...ANSWER, answerId, via })
      } catch (error) {
        // What has status 0 has no outcome yet; it becomes one of `outcomes` later.
        if (!(error instanceof PodiumProblem)) faults.push(`answer failed with ${error}`)
      } finally {
        answering -= 1
      }
    }
    await Promise.all(planned.isDoubled ? [send('auto'), send('http')] : [send('auto')])
  }

  const player = await joinAsSimulatedPlayer({
    client,
    session,
    stream: { transport: plan.transport, ...STREAM },
    onDevice: (device) => {
      witnesses.push(createWitness(device))
      device.onAnswer(({ problem }) => {
        if (problem !== undefined && !isExpected(problem.code, witnesses.length)) {
          faults.push(`answer refused with ${problem.code}`)
        }
      })
      void device.ended.then((problem) => {
        // A connection that is lost after the end is not opened again.
        if (problem !== undefined && problem.code !== 'session-over')
          faults.push(`the stream ended with ${problem.code}`)
      })
    },
    onQuestion: answer,
    onFault: (error) => faults.push(String(error)),
  })

  return {
    player,
    plan,
    witnesses,
    faults,
    suffer: (mishap) => {
      if (mishap.kind === 'restart') player.restart()
      else proxy.apply(mishap)
    },
    heal: proxy.heal,
    isSettled: async () => {
      await player.settled()
      if (answering === 0) await player.device.flush()
      return answering === 0 && isEmpty()
    },
    close: async () => {
      player.close()
      await proxy.close()
    },
  }
}
