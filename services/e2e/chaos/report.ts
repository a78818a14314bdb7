import type { Fault } from './faults.ts'
import type { Played } from './game.ts'
import { longestOutage } from './timeline.ts'

export interface Run {
  readonly fault: Fault
  /** Undefined when the game could not be played to its end. */
  readonly played: Played | undefined
  readonly error?: string
}

const seconds = (ms: number): string => (ms === 0 ? '–' : `${(ms / 1_000).toFixed(1)} s`)

const COLUMNS = [
  'Fault',
  'accepted',
  'longest outage',
  'longest wait',
  'refused in vain',
  'not heard in time',
  'extended',
  'wrong',
]

/** What players noticed, as a table in Markdown. */
export const tableOf = (runs: readonly Run[]): string =>
  [
    COLUMNS,
    COLUMNS.map((_, index) => (index === 0 ? '---' : '--:')),
    ...runs.map(({ fault, played, error }) =>
      played === undefined
        ? [fault.title, ...COLUMNS.slice(2).map(() => ''), `did not finish: ${error}`]
        : [
            fault.title,
            String(played.accepted),
            seconds(longestOutage(played.timeline.attempts)),
            seconds(played.longestWaitMs),
            String(played.refusedInVain),
            String(played.notHeard),
            String(played.extended),
            String(played.violations.length),
          ],
    ),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const WIDTH = 1_200
const LEFT = 20
const LANE = 130
const COLOURS = { accepted: '#2a9d5c', failed: '#c0392b', refused: '#e0a100' } as const

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** A picture of all runs, one lane each: every attempt by its time and how long it took, the fault, and what happened when. */
export const pictureOf = (runs: readonly Run[]): string => {
  const finished = runs.flatMap(({ fault, played }) => (played === undefined ? [] : [{ fault, played }]))
  const end = Math.max(
    1,
    ...finished.flatMap(({ played }) => played.timeline.attempts.map(({ at, took }) => at + took)),
  )
  const x = (ms: number): number => Math.round(LEFT + (ms / end) * (WIDTH - 2 * LEFT))
  const lanes = finished.map(({ fault, played: { timeline } }, index) => {
    const top = 40 + index * LANE
    const base = top + LANE - 40
    const { from, to } = timeline.fault
    return [
      `<text x="${LEFT}" y="${top}" font-weight="bold">${escaped(fault.title)}</text>`,
      `<rect x="${x(from)}" y="${top + 8}" width="${Math.max(1, x(to) - x(from))}" height="${base - top - 8}" fill="#f6dcd8"/>`,
      ...timeline.attempts.map(({ at, took, outcome }) => {
        // Logarithmic: 1 ms to 10 s.
        const height = Math.max(2, Math.min(60, (Math.log10(Math.max(1, took)) / 4) * 60))
        return `<rect x="${x(at)}" y="${(base - height).toFixed(1)}" width="1.5" height="${height.toFixed(1)}" fill="${COLOURS[outcome]}"/>`
      }),
      ...timeline.marks.map(({ at, text }, place) =>
        text.startsWith('question')
          ? `<line x1="${x(at)}" x2="${x(at)}" y1="${top + 8}" y2="${base}" stroke="#999" stroke-dasharray="2"/>`
          : `<text x="${x(at)}" y="${base + 12 + (place % 2) * 11}" font-size="9">${escaped(text)}</text>`,
      ),
      `<line x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${base}" y2="${base}" stroke="#333"/>`,
    ].join('\n')
  })
  const height = 60 + finished.length * LANE
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${LEFT}" y="16">Answers over ${(end / 1_000).toFixed(0)} s: accepted (green), 503 or no reply and sent again (red), refused (yellow); the higher, the slower. Shaded: the fault until all is healed. Dashed: questions open.</text>
${lanes.join('\n')}
</svg>
`
}
