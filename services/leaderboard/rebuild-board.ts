import type { Boards, BoardVersion, Ledger } from './ports.ts'
import { toStanding } from './totals.ts'

/** `unavailable`: the ledger is away. */
export type RebuildOutcome = BoardVersion | 'unknown-session' | 'unavailable'

/** @throws PodiumError `unavailable` when the boards are away. */
export type RebuildBoard = (sessionId: string) => Promise<RebuildOutcome>

/**
 * Builds lost boards from the ledger. Whoever needs the same board meanwhile waits for the same rebuild: what he wants to
 * apply may be newer than what it reads, but he applies it afterwards.
 */
export const createRebuildBoard = ({ boards, ledger }: { boards: Boards; ledger: Ledger }): RebuildBoard => {
  const underWay = new Map<string, Promise<RebuildOutcome>>()

  const rebuild = async (sessionId: string): Promise<RebuildOutcome> => {
    const content = await ledger.beginEpoch(sessionId)
    if (typeof content === 'string') return content
    return boards.rebuild(sessionId, content.epoch, content.players.map(toStanding))
  }

  return (sessionId) => {
    const known = underWay.get(sessionId)
    if (known !== undefined) return known
    const started = rebuild(sessionId).finally(() => underWay.delete(sessionId))
    underWay.set(sessionId, started)
    return started
  }
}
