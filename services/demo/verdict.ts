import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../verify/index.ts'
import type { Contestant } from './contestant.ts'
import type { PlayedGame } from './game.ts'

type Standing = Report['standings'][number]
export type Played = Pick<PlayedGame, 'contestants' | 'top'>

const TOP = 10

/** Sentences, one for each thing that a client saw last and that is not so by the ledger. */
export const seenWrongly = ({ contestants, top }: Played, { standings, answers }: Report): string[] => {
  const byId = new Map(standings.map((standing) => [standing.playerId, standing]))
  const expectedTop = topOf(standings)
  const all = contestants.flatMap((contestant) => [
    ...peopleWrongly(contestant, standings),
    ...(contestant.presence() === 'in' ? clientWrongly(contestant, byId.get(contestant.playerId), expectedTop) : []),
  ])
  const accepted = contestants.reduce((sum, contestant) => sum + contestant.accepted(), 0)
  if (accepted !== answers) all.push(`clients had ${accepted} answers accepted, the ledger has ${answers}`)
  if (topOf(top) !== expectedTop) all.push(`the host saw the top ${topOf(top)}, the ledger says ${expectedTop}`)
  return all
}

const clientWrongly = ({ persona, lastSeen }: Contestant, own: Standing | undefined, expectedTop: string): string[] => {
  const { standing, scoreUpdated, top } = lastSeen()
  const wrong: string[] = []
  const compare = (what: string, expected: unknown, found: unknown) => {
    if (expected !== found) wrong.push(`${persona.nickname} saw ${what} ${found}, the ledger says ${expected}`)
  }
  compare('the own score', own?.score, standing?.score)
  compare('the own rank', own?.rank, standing?.rank)
  if (scoreUpdated !== undefined) compare('the own score after an answer', own?.score, scoreUpdated)
  compare('the top', expectedTop, topOf(top))
  return wrong
}

/** Removed players are nowhere; every other player is there once, with every answer that was accepted, also after coming back. */
const peopleWrongly = (
  { persona, playerId, presence, accepted }: Contestant,
  standings: readonly Standing[],
): string[] => {
  const { nickname } = persona
  const places = standings.filter((standing) => standing.playerId === playerId || standing.nickname === nickname)
  if (presence() === 'removed') return places.length === 0 ? [] : [`${nickname} was removed and is on the board`]
  const [place] = places
  if (place === undefined || places.length > 1) return [`${nickname} is ${places.length} times on the board`]
  if (place.version === accepted()) return []
  return [`${nickname} had ${accepted()} answers accepted, the ledger has ${place.version}`]
}

const topOf = (entries: readonly Omit<Standing, 'joinOrder' | 'correctMs' | 'version'>[]): string =>
  JSON.stringify(
    entries
      .slice(0, TOP)
      .map(({ rank, playerId, nickname, score, correctAnswers }) => [rank, playerId, nickname, score, correctAnswers]),
  )

/** The same, after what is still on its way to the clients had time to arrive. */
export const seenWronglyAfter = async (waitMs: number, played: Played, report: Report): Promise<string[]> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    const wrong = seenWrongly(played, report)
    if (wrong.length === 0 || performance.now() > deadline) return wrong
    await sleep(100)
  }
}
