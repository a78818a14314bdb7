import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../verify/src/index.ts'
import type { Contestant } from './contestant.ts'

type Standings = Report['standings']

const TOP = 10

/** Sentences, one for each thing that a client saw last and that is not so by the ledger. */
export const seenWrongly = (contestants: readonly Contestant[], standings: Standings): string[] => {
  const byId = new Map(standings.map((standing) => [standing.playerId, standing]))
  const expectedTop = JSON.stringify(standings.slice(0, TOP).map(brief))
  return contestants.flatMap(({ persona, player, lastSeen }) => {
    const { standing, scoreUpdated, top } = lastSeen()
    const own = byId.get(player.playerId)
    const wrong: string[] = []
    const compare = (what: string, expected: unknown, found: unknown) => {
      if (expected !== found) wrong.push(`${persona.nickname} saw ${what} ${found}, the ledger says ${expected}`)
    }
    compare('the own score', own?.score, standing?.score)
    compare('the own rank', own?.rank, standing?.rank)
    if (scoreUpdated !== undefined) compare('the own score after an answer', own?.score, scoreUpdated)
    compare('the top', expectedTop, JSON.stringify(top.map(brief)))
    return wrong
  })
}

const brief = ({
  rank,
  playerId,
  nickname,
  score,
  correctAnswers,
}: Pick<Standings[number], 'rank' | 'playerId' | 'nickname' | 'score' | 'correctAnswers'>): unknown[] => [
  rank,
  playerId,
  nickname,
  score,
  correctAnswers,
]

/** The same, after what is still on its way to the clients had time to arrive. */
export const seenWronglyAfter = async (
  waitMs: number,
  contestants: readonly Contestant[],
  standings: Standings,
): Promise<string[]> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    const wrong = seenWrongly(contestants, standings)
    if (wrong.length === 0 || performance.now() > deadline) return wrong
    await sleep(100)
  }
}
