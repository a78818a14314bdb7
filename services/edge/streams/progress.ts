import { hasAnswered, type Totals } from '../../game/scoring/totals.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { Audience } from './audience.ts'
import type { StreamClient } from './client.ts'
import { createTicks, type FanOutBudget, inSlices } from './fan-out.ts'
import { createFrame, type Frame } from './frame.ts'

/** Milliseconds between messages to hosts and displays, and to players, who look at the question and are many. */
export const PROGRESS_MS = { watchers: 250, players: 1_000 }

const TYPE = 'answers.progress'

/**
 * How many have answered the open question. It has ticks of its own, because it is also for clients that get no board, and for
 * moments in which nothing of the board may show: a count tells no result. Counted once a tick, so an answer costs nothing.
 */
export const createProgressUpdates = (options: {
  readonly audience: Pick<Audience, 'all'>
  readonly budget: FanOutBudget
  readonly session: () => Pick<SessionReplica, 'state' | 'hasLeft'> | undefined
  /** The newest totals of every player. */
  readonly totals: () => Iterable<Totals>
}) => {
  const { audience, budget, session, totals } = options
  let newest: { readonly questionId: string; readonly frame: Frame } | undefined

  const isOpen = (questionId?: string): boolean => {
    const { status, question } = session()?.state ?? {}
    return status === 'question_open' && (questionId === undefined || question?.questionId === questionId)
  }

  const count = (): void => {
    const { state, hasLeft } = session() ?? {}
    if (state?.question === undefined || !isOpen()) return
    const { questionId, index } = state.question
    let answered = 0
    let missing = 0
    for (const player of totals()) {
      if (hasAnswered(player.answered, index)) answered += 1
      else if (hasLeft?.(player.playerId) !== true) missing += 1
    }
    // A question that has just opened is enough to tell without.
    if (answered === 0 && newest?.questionId !== questionId) return
    newest = { questionId, frame: createFrame(TYPE, { questionId, answered, players: answered + missing }) }
  }

  /** Not to clients that would get it after the end of the question. */
  const sendTo = (client: StreamClient): void => {
    if (newest !== undefined && isOpen(newest.questionId)) client.sendLatest(newest.frame)
  }

  const openLane = (isIn: (client: StreamClient) => boolean, intervalMs: number) => {
    let sent: string | undefined
    const clients = () => audience.all().filter(isIn)
    return createTicks({
      budget,
      audience: () => clients().length,
      intervalMs: () => intervalMs,
      run: async () => {
        count()
        if (newest?.frame.head === sent) return
        sent = newest?.frame.head
        await inSlices(clients(), sendTo, budget.turn)
      },
    })
  }

  const lanes = [
    openLane(({ player }) => player === undefined, PROGRESS_MS.watchers),
    openLane(({ player }) => player !== undefined, PROGRESS_MS.players),
  ]

  return {
    /** Totals or the state may have changed. */
    poke: (): void => {
      if (isOpen()) for (const ticks of lanes) ticks.poke()
    },
    /** To a client that joins in the middle of a question. */
    sendTo,
    /** The question closed: what waits for slow clients is out of date. */
    forget: (): void => {
      for (const client of audience.all()) client.forget(TYPE)
    },
    close: (): void => {
      for (const ticks of lanes) ticks.close()
    },
  }
}
