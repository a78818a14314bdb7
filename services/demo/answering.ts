import { setTimeout as sleep } from 'node:timers/promises'
import { type AnswerContent, newAnswerId, type Player, PodiumProblem } from '#client'
import type { Measures } from './measures.ts'
import type { Tally } from './tally.ts'

export interface AnsweringDeps {
  /** The device in use. */
  readonly player: () => Player
  readonly nickname: string
  /** The player's score as far as it knows. */
  readonly score: () => number
  readonly measures: Measures
  readonly answers: Tally
  readonly signal: AbortSignal
  /** An answer to this question was accepted for the first time. */
  readonly onAccepted: (questionId: string) => void
  /** Everything that no player should ever meet. */
  readonly onTrouble: (sentence: string) => void
}

/** An answer and how it is sent. */
export interface Sheet {
  readonly questionId: string
  readonly answerId: string
  readonly content: AnswerContent
  readonly via: 'ws' | 'http'
}

export interface Answering {
  /** Answers of this player that were accepted, each counted once. */
  readonly accepted: number
  /** The first answer to a question: measured. `receivedAt`, or what became of it instead. */
  first(sheet: Sheet): Promise<number | 'paused' | 'refused'>
  /** The same once more; must have the same result. */
  again(sheet: Sheet, receivedAt: number): Promise<void>
  /** Another answer, which must be refused with this code. */
  refused(sheet: Omit<Sheet, 'answerId' | 'via'>, code: string): Promise<void>
}

export const createAnswering = (deps: AnsweringDeps): Answering => {
  const { player, nickname, score, measures, answers, signal, onAccepted, onTrouble } = deps
  let accepted = 0

  /** The time of receipt, or the code of the refusal. */
  const send = async ({ questionId, content, answerId, via }: Sheet): Promise<number | string> => {
    const device = player()
    answers.count('sent')
    try {
      const receipt = await device.answer(questionId, content, {
        answerId,
        via: via === 'ws' && device.transport === 'ws' ? 'ws' : 'http',
      })
      answers.count('accepted')
      return receipt.receivedAt
    } catch (error) {
      const code = error instanceof PodiumProblem ? error.code : String(error)
      answers.count(`refused: ${code}`)
      return code
    }
  }

  return {
    get accepted() {
      return accepted
    },
    first: async (sheet) => {
      const attempt = measures.sending(player().playerId, sheet.questionId, score())
      const result = await send(sheet)
      if (typeof result === 'number') {
        measures.wasAccepted(attempt)
        accepted += 1
        onAccepted(sheet.questionId)
        return result
      }
      measures.withdraw(attempt)
      if (result === 'session-paused') return 'paused'
      if (!signal.aborted) onTrouble(`${nickname}: an answer in time was refused: ${result}`)
      return 'refused'
    },
    again: async (sheet, receivedAt) => {
      answers.count('sent again')
      const result = await send({ ...sheet, via: 'http' })
      if (result !== receivedAt && !signal.aborted) onTrouble(`${nickname}: the same answer had another result`)
    },
    refused: async (sheet, code) => {
      const result = await send({ ...sheet, answerId: newAnswerId(), via: 'ws' })
      if (result === code || signal.aborted) return
      onTrouble(
        `${nickname}: an answer that must be refused with ${code} was ${typeof result === 'number' ? 'accepted' : `refused with ${result}`}`,
      )
    },
  }
}

/** What a promise rejects with; undefined when it resolves, or does neither in time. */
export const problemOf = async (attempt: Promise<unknown>, timeoutMs: number): Promise<string | undefined> => {
  const timer = new AbortController()
  try {
    await Promise.race([attempt, sleep(timeoutMs, undefined, { signal: timer.signal })])
    return undefined
  } catch (error) {
    return error instanceof PodiumProblem ? error.code : String(error)
  } finally {
    timer.abort()
  }
}
