import type { Report } from '../verify/index.ts'
import type { PlayedGame } from './game.ts'
import type { Latencies } from './latencies.ts'
import type { Measures } from './measures.ts'
import type { Tally } from './tally.ts'
import { clean, counted, grouped, padded } from './text.ts'

export interface Outcome {
  readonly report: Report
  /** What clients saw last and is not so. */
  readonly seenWrongly: readonly string[]
  /** What no player should have met. */
  readonly troubles: readonly string[]
  readonly measures: Measures
  readonly answers: Tally
  readonly game: Pick<PlayedGame, 'contestants' | 'latecomers'>
}

/** Sentences that are listed before the rest is only counted. */
const MOST_LISTED = 20

/** The end of the demo as text, and whether everything agreed. */
export const summaryOf = (outcome: Outcome): { readonly text: string; readonly agreed: boolean } => {
  const { report, measures, answers } = outcome
  const boards = measures.boards()
  const faults = faultsOf(outcome, boards.missing)
  const agreed = report.equal && faults.length === 0
  const refused = answers.entries().filter(([name]) => name.startsWith('refused'))
  // The host is one of them; who went away is not asked.
  const clients = outcome.game.contestants.filter(({ presence }) => presence() === 'in').length + 1
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
    `Players   ${grouped(outcome.game.contestants.length)}`,
    ...peopleLines(outcome.game),
    `Answers   ${grouped(answers.of('sent'))} sent (${answers.of('sent again')} of them again), ${grouped(answers.of('accepted'))} accepted`,
    ...refused.map(([name, count]) => `          ${grouped(count)} ${name}`),
    '',
    `${padded('Latency in ms, from just before sending', 44)}${['samples', 'p50', 'p99', 'max'].map((name) => name.padStart(10)).join('')}`,
    latencyLine('to 202', measures.accepted),
    latencyLine('to the own score', measures.ownScore),
    latencyLine("to another client's leaderboard", boards.latencies),
    `  (${grouped(boards.seenInTop)} seen by name in the top 10, the others by the version of the board)`,
    ...(boards.overlapping > 0
      ? [`  (${counted(boards.overlapping, 'answer')} left out: one before them was still on its way)`]
      : []),
    '',
    ...faults.slice(0, MOST_LISTED).map((fault) => `  NO  ${clean(fault)}`),
    ...(faults.length > MOST_LISTED ? [`  … and ${faults.length - MOST_LISTED} more`] : []),
    agreed
      ? `Verified: ${report.checks.map(({ check }) => check).join(' = ')} = what ${clients} clients saw last.`
      : 'NOT VERIFIED: something does not agree.',
  ]
  return { text: lines.join('\n'), agreed }
}

/** Who did something out of the ordinary; the verdict covers each of these. */
const peopleLines = ({ contestants, latecomers }: Outcome['game']): string[] => {
  const having = (test: (one: Outcome['game']['contestants'][number]) => boolean) => contestants.filter(test).length
  const counts: readonly [number, string][] = [
    [latecomers, 'came late'],
    [having(({ presence }) => presence() === 'left'), 'left: the score stays'],
    [having(({ returned }) => returned() === 'after leaving'), 'left and came back: one player, all answers'],
    [having(({ returned }) => returned() === 'on another device'), 'changed the device: one player, all answers'],
    [having(({ presence }) => presence() === 'removed'), 'removed: off the board'],
  ]
  return counts.flatMap(([count, what]) => (count === 0 ? [] : [`          ${count} ${what}`]))
}

const latencyLine = (name: string, latencies: Latencies): string => {
  const { count, max } = latencies
  const figures =
    count === 0 ? ['-', '-', '-'] : [latencies.percentile(50), latencies.percentile(99), max].map((ms) => ms.toFixed(1))
  return `  ${padded(name, 42)}${[grouped(count), ...figures].map((figure) => figure.padStart(10)).join('')}`
}

const faultsOf = ({ report, seenWrongly, troubles }: Outcome, missing: number): string[] => [
  ...report.checks
    .filter(({ compared }) => compared === undefined)
    .map(({ check, reason }) => `${check} was not compared: ${reason}`),
  ...(missing === 0 ? [] : [`${missing} times a client never got a leaderboard with another player's new score`]),
  ...seenWrongly,
  ...troubles,
]
