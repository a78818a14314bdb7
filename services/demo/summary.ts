import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry } from '#client'
import type { Report } from '../verify/index.ts'
import type { Contestant } from './contestant.ts'
import type { PlayedGame } from './game.ts'
import type { Latencies, Measures } from './measures.ts'
import { clean, counted, grouped, padded } from './text.ts'

type Standing = Report['standings'][number]
type Shown = Pick<PlayedGame, 'contestants' | 'top'>

const TOP = 10

/** Sentences, one for each thing that a client saw last and that differs from the ledger; waits for what is on its way. */
export const differencesSeen = async (game: Shown, report: Report, waitMs: number): Promise<string[]> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    const differences = differencesNow(game, report)
    if (differences.length === 0 || performance.now() > deadline) return differences
    await sleep(100)
  }
}

const differencesNow = ({ contestants, top }: Shown, { standings, answers }: Report): string[] => {
  const expectedTop = topOf(standings)
  const all = contestants.flatMap((contestant) => [
    ...placeFaults(contestant, standings),
    ...(contestant.presence === 'in' ? screenFaults(contestant, standings, expectedTop) : []),
  ])
  const simulated = new Set(contestants.map(({ player }) => player.playerId))
  const byPeople = standings
    .filter(({ playerId }) => !simulated.has(playerId))
    .reduce((sum, { version }) => sum + version, 0)
  const accepted = contestants.reduce((sum, contestant) => sum + contestant.accepted, 0) + byPeople
  if (accepted !== answers) all.push(`clients had ${accepted} answers accepted, the ledger has ${answers}`)
  if (topOf(top) !== expectedTop) all.push(`the host saw the top ${topOf(top)}, the ledger says ${expectedTop}`)
  return all
}

const screenFaults = (
  { persona, player }: Contestant,
  standings: readonly Standing[],
  expectedTop: string,
): string[] => {
  const { me, earned, top } = player.device.board
  const own = standings.find(({ playerId }) => playerId === player.playerId)
  const compared: [what: string, expected: unknown, found: unknown][] = [
    ['the own score', own?.score, me?.score],
    ['the own rank', own?.rank, me?.rank],
    ['the own score after an answer', own?.score, earned === undefined ? own?.score : earned.score],
    ['the top', expectedTop, topOf(top)],
  ]
  return compared
    .filter(([, expected, found]) => expected !== found)
    .map(([what, expected, found]) => `${persona.nickname} saw ${what} ${found}, the ledger says ${expected}`)
}

/** A removed player has no place; every other one has one, with every answer that was accepted, also after coming back. */
const placeFaults = ({ persona, player, presence, accepted }: Contestant, standings: readonly Standing[]): string[] => {
  const { nickname } = persona
  const places = standings.filter((place) => place.playerId === player.playerId || place.nickname === nickname)
  if (presence === 'removed') return places.length === 0 ? [] : [`${nickname} was removed and is on the board`]
  const [place] = places
  if (place === undefined || places.length > 1) return [`${nickname} is ${places.length} times on the board`]
  if (place.version === accepted) return []
  return [`${nickname} had ${accepted} answers accepted, the ledger has ${place.version}`]
}

const topOf = (entries: readonly Entry[]): string =>
  JSON.stringify(
    entries
      .slice(0, TOP)
      .map(({ rank, playerId, nickname, score, correctAnswers }) => [rank, playerId, nickname, score, correctAnswers]),
  )

export interface Outcome {
  readonly report: Report
  readonly differences: readonly string[]
  readonly measures: Measures
  readonly game: Pick<PlayedGame, 'contestants' | 'latecomers' | 'counts' | 'troubles'>
}

/** Sentences that are listed before the rest is only counted. */
const MAX_LISTED = 20

/** The end of the demo as text, and whether everything agreed. */
export const summaryOf = (outcome: Outcome): { readonly text: string; readonly agreed: boolean } => {
  const { report, measures, game } = outcome
  const boards = measures.boards()
  const faults = faultsOf(outcome, boards.missing)
  const agreed = report.equal && faults.length === 0
  const countOf = (name: string): string => grouped(game.counts.get(name) ?? 0)
  const refused = [...game.counts].filter(([name]) => name.startsWith('refused')).sort(([, a], [, b]) => b - a)
  // The host is one of them; a player that is disconnected is not asked.
  const clients = game.contestants.filter(({ presence }) => presence === 'in').length + 1
  const lines = [
    '',
    'Podium',
    ...report.standings
      .slice(0, 3)
      .map(
        ({ rank, nickname, score, correctAnswers }) =>
          `  ${rank}. ${padded(clean(nickname), 18)} ${grouped(score).padStart(7)} points, ${correctAnswers} correct`,
      ),
    '',
    `Players   ${grouped(game.contestants.length)}`,
    ...playerLines(game),
    `Answers   ${countOf('sent')} sent (${countOf('sent again')} of them again), ${countOf('accepted')} accepted`,
    ...refused.map(([name, count]) => `          ${grouped(count)} ${name}`),
    '',
    `${padded('Latency in ms, from just before sending', 44)}${['samples', 'p50', 'p99', 'max'].map((name) => name.padStart(10)).join('')}`,
    latencyLine('to 202', measures.accepted),
    latencyLine('to the own score', measures.ownScore),
    latencyLine("to the name in another client's top 10", boards.inTop),
    latencyLine("to another client's next board", boards.latencies),
    '  (no board is sent to a client while nothing that it shows changes)',
    ...(boards.overlapping > 0
      ? [`  (${counted(boards.overlapping, 'answer')} left out: one before them was still on its way)`]
      : []),
    '',
    ...faults.slice(0, MAX_LISTED).map((fault) => `  NO  ${clean(fault)}`),
    ...(faults.length > MAX_LISTED ? [`  … and ${faults.length - MAX_LISTED} more`] : []),
    agreed
      ? `Verified: ${report.checks.map(({ check }) => check).join(' = ')} = what ${clients} clients saw last.`
      : 'NOT VERIFIED: something does not agree.',
  ]
  return { text: lines.join('\n'), agreed }
}

/** Players who did something out of the ordinary; the differences cover each of these. */
const playerLines = ({ contestants, latecomers }: Outcome['game']): string[] => {
  const having = (test: (one: Contestant) => boolean) => contestants.filter(test).length
  const counts: readonly [number, string][] = [
    [latecomers, 'came late'],
    [having(({ presence }) => presence === 'left'), 'left: the score stays'],
    [having(({ returned }) => returned === 'after leaving'), 'left and came back: one player, all answers'],
    [having(({ returned }) => returned === 'on another device'), 'changed the device: one player, all answers'],
    [having(({ presence }) => presence === 'removed'), 'removed: off the board'],
  ]
  return counts.flatMap(([count, what]) => (count === 0 ? [] : [`          ${count} ${what}`]))
}

const latencyLine = (name: string, latencies: Latencies): string => {
  const { count, max } = latencies
  const figures =
    count === 0 ? ['-', '-', '-'] : [latencies.percentile(50), latencies.percentile(99), max].map((ms) => ms.toFixed(1))
  return `  ${padded(name, 42)}${[grouped(count), ...figures].map((figure) => figure.padStart(10)).join('')}`
}

const faultsOf = ({ report, differences, game }: Outcome, missing: number): string[] => [
  ...report.checks
    .filter(({ compared }) => compared === undefined)
    .map(({ check, reason }) => `${check} was not compared: ${reason}`),
  ...(missing === 0 ? [] : [`${missing} times a client never got a leaderboard with another player's new score`]),
  ...differences,
  ...game.troubles,
]
