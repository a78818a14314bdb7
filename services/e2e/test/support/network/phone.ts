import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AnswerReceipt,
  type AnswerStore,
  createClient,
  memoryStore,
  newAnswerId,
  type Player,
  PodiumProblem,
  type PublicQuestion,
} from '#client'
import { type FlakyProxy, startFlakyProxy } from './flaky-proxy.ts'
import type { Mishap, PhonePlan } from './scenario.ts'
import { createWitness, type Witness } from './witness.ts'

/** One player with a network of its own. */
export interface Phone {
  readonly playerId: string
  readonly plan: PhonePlan
  /** Of now; an app that is started again makes another one. */
  player(): Player
  /** One for every start of the app. */
  readonly witnesses: readonly Witness[]
  /** What the server said that it has, by question. */
  readonly receipts: ReadonlyMap<string, readonly AnswerReceipt[]>
  /** Refusals by question. */
  readonly refusals: ReadonlyMap<string, readonly string[]>
  /** Failures that no network can excuse. */
  readonly faults: readonly string[]
  /** Connections after the first of each start of the app. */
  reconnects(): number
  suffer(mishap: Mishap): void
  heal(): void
  /** True when no answer waits for its outcome, neither in this process nor in the store. */
  isSettled(): Promise<boolean>
  close(): Promise<void>
}

/** Impatient, as a test has no minutes. */
const STREAM = { backoff: { baseMs: 40, maxMs: 300 }, silenceMs: 1_200 }
const ANSWER = { attemptTimeoutMs: 500, deadlineMs: 2_500 }

/**
 * What may be the end of an answer: too late. Answered already, in other words, is only for people who answer again after
 * the app was started again; a repetition of the same answer gets the receipt.
 */
const isExpected = (code: string, starts: number): boolean =>
  code === 'question-closed' || (code === 'already-answered' && starts > 1)

export const createPhone = async (edgeUrl: URL, token: string, sessionId: string, plan: PhonePlan): Promise<Phone> => {
  const proxy: FlakyProxy = await startFlakyProxy(edgeUrl)
  const memory = memoryStore()
  const keys = new Set<string>()
  const answerStore: AnswerStore = {
    get: memory.get,
    put: (key, value) => {
      keys.add(key)
      return memory.put(key, value)
    },
    delete: (key) => {
      keys.delete(key)
      return memory.delete(key)
    },
  }
  const client = createClient({ baseUrl: proxy.url, token, answerStore, requestTimeoutMs: 2_000 })
  const witnesses: Witness[] = []
  const receipts = new Map<string, AnswerReceipt[]>()
  const refusals = new Map<string, string[]>()
  const faults: string[] = []
  const underWay = new Set<Promise<void>>()
  /** Questions that the person at the phone has dealt with since the app was started. */
  let seen = new Set<string>()

  const note = <T>(notes: Map<string, T[]>, questionId: string, value: T): void => {
    notes.set(questionId, [...(notes.get(questionId) ?? []), value])
  }

  const answer = async (player: Player, question: PublicQuestion): Promise<void> => {
    const planned = plan.answers[question.index]
    if (planned === undefined) return
    await sleep(Math.max(0, question.opensAt + planned.delayMs - player.serverNow()))
    if (player.board.answered.includes(question.questionId)) return
    const content = { choice: planned.choice }
    const answerId = newAnswerId()
    const send = async (via: 'auto' | 'http'): Promise<void> => {
      try {
        await player.answer(question.questionId, content, { ...ANSWER, answerId, via })
      } catch (error) {
        // Whatever has status 0 has no outcome yet; onAnswer will tell.
        if (!(error instanceof PodiumProblem)) faults.push(`answer failed with ${error}`)
      }
    }
    await Promise.all(planned.isDoubled ? [send('auto'), send('http')] : [send('auto')])
  }

  const run = (player: Player): Player => {
    witnesses.push(createWitness(player))
    seen = new Set()
    player.onAnswer(({ questionId, receipt, problem }) => {
      if (receipt !== undefined) note(receipts, questionId, receipt)
      if (problem === undefined) return
      note(refusals, questionId, problem.code)
      if (!isExpected(problem.code, witnesses.length)) faults.push(`answer refused with ${problem.code}`)
    })
    player.onBoard(({ question, status }) => {
      if (question === undefined || status !== 'question_open' || seen.has(question.questionId)) return
      seen.add(question.questionId)
      const done = answer(player, question).finally(() => underWay.delete(done))
      underWay.add(done)
    })
    void player.ended.then((problem) => {
      if (problem !== undefined) faults.push(`the stream ended with ${problem.code}`)
    })
    player.connect().catch(() => undefined) // told by `ended`
    return player
  }

  const { transport } = plan
  let reconnects = 0
  let player = run(await client.join(sessionId, { transport, ...STREAM }))
  const { playerId, token: playerToken, nickname } = player

  return {
    playerId,
    plan,
    player: () => player,
    witnesses,
    receipts,
    refusals,
    faults,
    reconnects: () => reconnects + player.reconnects,
    suffer: (mishap) => {
      if (mishap.kind !== 'restart') {
        proxy.apply(mishap)
        return
      }
      reconnects += player.reconnects
      player.close()
      player = run(client.player({ sessionId, playerId, token: playerToken, nickname }, { transport, ...STREAM }))
    },
    heal: proxy.heal,
    isSettled: async () => {
      if (underWay.size === 0) await player.flush()
      return underWay.size === 0 && keys.size === 0
    },
    close: async () => {
      player.close()
      await proxy.close()
    },
  }
}
