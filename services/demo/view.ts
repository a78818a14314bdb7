import { styleText } from 'node:util'
import type { Entry, PublicQuestion, Reveal } from '#client'
import { type AnswerRow, answerRows } from './reveal-text.ts'
import { bar, clean, cut, grouped, padded } from './text.ts'

/** What the screen shows of the game at one moment. */
export interface View {
  readonly title: string
  readonly players: number
  /** Who is in now. */
  readonly joined: number
  readonly webSockets: number
  readonly joinCode: string
  readonly phase: 'joining' | 'starting' | 'open' | 'paused' | 'closed' | 'finished'
  readonly question?: PublicQuestion
  readonly difficulty?: string
  readonly reveal?: Reveal
  readonly remainingMs: number
  /** Answers accepted to this question. */
  readonly answered: number
  readonly top: readonly Entry[]
  /** Ranks before this question, by player. */
  readonly before: ReadonlyMap<string, number>
  /** What happened besides, oldest first. */
  readonly events: readonly string[]
  readonly latency: string
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

const NAME_WIDTH = 16
const ANSWER_ROWS = 5
/** Lines besides the board and the events. */
const FIXED_ROWS = 14
/** Of a bar in the board, as a part of the longest. */
const SHORTEST = 0.3
const medals = ['yellowBright', 'whiteBright', 'yellow'] as const

/** The screen as lines that fit the window. Always the same number of them, so that nothing jumps. */
export const screenLines = (view: View, { columns, rows }: Size): string[] => {
  const eventRows = rows >= 32 ? 5 : 3
  const boardRows = Math.max(3, Math.min(10, rows - FIXED_ROWS - eventRows))
  return [
    styleText('bold', cut(`Podium · ${clean(view.title)}`, columns)),
    styleText('gray', cut(attendance(view), columns)),
    '',
    ...questionLines(view, columns),
    '',
    ...boardLines(view, boardRows, columns),
    '',
    ...eventLines(view.events, eventRows, columns),
    styleText('gray', cut(view.latency, columns)),
  ]
}

const attendance = ({ players, joined, webSockets, joinCode }: View): string =>
  `${joined} of ${players} players: ${webSockets} WebSocket, ${joined - webSockets} SSE · join code ${joinCode} · streak bonus`

const questionLines = (view: View, columns: number): string[] => {
  const { question, reveal, phase, answered, joined } = view
  if (question === undefined || phase === 'finished') {
    const texts = { joining: 'The lobby is filling …', finished: 'The quiz is over.' } as Record<string, string>
    return [texts[phase] ?? 'It is about to start …', ...Array.from({ length: ANSWER_ROWS + 2 }, () => '')]
  }
  const isOpen = phase === 'open' || phase === 'paused'
  const count = isOpen ? answered : (reveal?.answerCount ?? answered)
  const width = Math.min(30, columns - 20)
  return [
    `${styleText('bold', padded(`Question ${question.index + 1} of ${question.count}`, 18))} ${padded(view.difficulty ?? '', 7)} ${countdown(view, question, columns)}`,
    styleText('cyan', cut(clean(question.prompt), columns)),
    ...rowLines(answerRows(question, isOpen ? undefined : reveal), columns),
    `${padded(`Answers ${count}`, 12)} ${styleText('cyan', bar(count / Math.max(1, joined), width))}`,
  ]
}

const countdown = ({ phase, remainingMs }: View, { timeLimitMs }: PublicQuestion, columns: number): string => {
  const isOpen = phase === 'open' || phase === 'paused'
  const share = isOpen ? remainingMs / timeLimitMs : 0
  const left = `${(Math.max(0, remainingMs) / 1_000).toFixed(1)} s`
  const time = phase === 'open' ? left : phase === 'paused' ? `paused, ${left} left` : 'closed'
  const colour = phase === 'paused' ? 'yellow' : share > 0.3 ? 'green' : 'red'
  return styleText(colour, `${bar(share, Math.min(30, columns - 49))} ${time}`)
}

const rowLines = (rows: readonly AnswerRow[], columns: number): string[] => {
  const shown = rows.length > ANSWER_ROWS ? rows.slice(0, ANSWER_ROWS - 1) : rows
  const width = Math.min(Math.max(12, ...shown.map(({ label }) => [...label].length)), columns - 32)
  const lines = shown.map(({ label, isRight, share = 0 }) => {
    const text = `  ${padded(label, width)}`
    if (isRight === undefined) return text
    const line = `${isRight ? '✓ ' : '  '}${padded(label, width)} ${bar(share, 20)} ${String(Math.round(share * 100)).padStart(3)} %`
    return isRight ? styleText(['green', 'bold'], line) : styleText('gray', line)
  })
  if (rows.length > shown.length) lines.push(styleText('gray', `  … and ${rows.length - shown.length} more`))
  return [...lines, ...Array.from({ length: ANSWER_ROWS - lines.length }, () => '')]
}

const boardLines = ({ top, before }: View, rows: number, columns: number): string[] => {
  const [best, least] = [top[0]?.score ?? 0, top.at(Math.min(rows, top.length) - 1)?.score ?? 0]
  const width = Math.max(5, Math.min(50, columns - NAME_WIDTH - 21))
  return Array.from({ length: rows }, (_, row) => {
    const entry = top[row]
    if (entry === undefined) return ''
    const name = padded(clean(entry.nickname), NAME_WIDTH)
    const filled = bar(lengthOf(entry.score, least, best), width).replaceAll('░', ' ')
    const colour = medals[entry.rank - 1] ?? 'blue'
    return `${String(entry.rank).padStart(3)} ${movement(entry, before)} ${name} ${styleText(colour, filled)} ${grouped(entry.score).padStart(7)}`
  })
}

/** Scores of a top ten are close together: a bar shows where a player is between the last and the first of them. */
const lengthOf = (score: number, least: number, best: number): number =>
  best === least ? Math.min(1, best) : SHORTEST + (1 - SHORTEST) * ((score - least) / (best - least))

/** How far a player has moved since the question opened; one that was not in the top is new there. */
const movement = ({ playerId, rank }: Entry, before: ReadonlyMap<string, number>): string => {
  if (before.size === 0) return '   '
  const old = before.get(playerId)
  if (old === undefined) return styleText('green', '▲  ')
  if (old === rank) return styleText('gray', '·  ')
  const steps = String(Math.min(99, Math.abs(old - rank))).padEnd(2)
  return old > rank ? styleText('green', `▲${steps}`) : styleText('red', `▼${steps}`)
}

const eventLines = (events: readonly string[], rows: number, columns: number): string[] =>
  Array.from({ length: rows }, (_, row) => {
    const event = events.at(row - rows)
    return event === undefined || events.length < rows - row ? '' : cut(`• ${clean(event)}`, columns)
  })
