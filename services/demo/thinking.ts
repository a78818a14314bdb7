import { setTimeout as sleep } from 'node:timers/promises'
import type { PublicQuestion } from '#client'

/** Waiting for a moment of a question, of which the moments move when the session is paused. */
export interface Thinking {
  paused(): void
  resumed(question: PublicQuestion | undefined): void
  /**
   * Resolves `offsetMs` after the end of the question (negative: before it), as it is by then, and not while the session is
   * paused. `onPause` is called when it was paused meanwhile. Rejects when aborted.
   */
  until(question: PublicQuestion, offsetMs: number, onPause?: () => void): Promise<void>
  /** Resolves with the next resumption, or at once when there is no pause. */
  over(): Promise<void>
}

export const createThinking = (serverNow: () => number, signal: AbortSignal): Thinking => {
  let pause: PromiseWithResolvers<void> | undefined
  let interruption = new AbortController()
  let newest: PublicQuestion | undefined

  const wait = async (ms: number): Promise<'over' | 'interrupted'> => {
    try {
      await sleep(ms, undefined, { signal: AbortSignal.any([signal, interruption.signal]) })
      return 'over'
    } catch (error) {
      if (signal.aborted) throw error
      return 'interrupted'
    }
  }

  const over = async (): Promise<void> => {
    await pause?.promise
  }

  return {
    paused: () => {
      pause ??= Promise.withResolvers()
      interruption.abort()
    },
    resumed: (question) => {
      newest = question
      interruption = new AbortController()
      pause?.resolve()
      pause = undefined
    },
    until: async (question, offsetMs, onPause) => {
      for (;;) {
        if (pause !== undefined) onPause?.()
        await over()
        const { closesAt } = newest?.questionId === question.questionId ? newest : question
        const ms = Math.ceil(closesAt + offsetMs - serverNow())
        if (ms <= 0 || (await wait(ms)) === 'over') return
      }
    },
    over,
  }
}
