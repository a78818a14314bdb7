import type { Test } from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { SessionRows } from '../../../platform/test/support/session-rows.ts'
import type { Follower } from './follower.ts'
import { totalsOf, type World } from './world.ts'

/** Every player's totals after so many answers. */
export const afterAnswers = (session: SessionRows, answers: number) =>
  session.playerIds.map((_, player) => totalsOf(session, player, answers))

/** The board in Redis, in order, and what a follower holds are what the ledger says. */
export const boardIsExact = async (t: Test, world: World, session: SessionRows, follower: Follower): Promise<void> => {
  const expected = await world.expected(session)
  await eventually(async () => JSON.stringify(await world.board(session)) === JSON.stringify(expected), {
    timeoutMs: 15_000,
    what: 'the board is what the ledger says',
  })
  const held = () =>
    [...follower.players.values()].map(({ playerId, score, correctMs }) => ({ playerId, score, correctMs }))
  const sorted = (rows: readonly { playerId: string }[]) =>
    JSON.stringify(rows.toSorted((a, b) => (a.playerId < b.playerId ? -1 : 1)))
  await eventually(() => sorted(held()) === sorted(expected), { what: 'the follower holds what the ledger says' })
  t.ok(
    follower.history.every((version, index) => index === 0 || version >= (follower.history[index - 1] ?? 0)),
    'versions never go back',
  )
}
