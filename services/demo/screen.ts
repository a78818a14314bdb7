import { styleText } from 'node:util'
import type { BoardState, Entry, PublicQuestion } from '#client'
import { type AnswerRow, answerRows, type Display, type GameOnShow } from './display.ts'
import { bar, clean, cut, grouped, padded } from './text.ts'

type Output = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>

const FRAME_MS = 100
/** Figures that change with every frame cannot be read. */
const LATENCY_MS = 1_000
const MAX_EVENTS = 10

/** The game, redrawn in place ten times a second. */
export const createScreen = (out: Output): Display => {
  const canvas = createCanvas(out)
  let draw: () => void = () => undefined
  let timers: ReturnType<typeof setInterval>[] = []
  const events: string[] = []

  return {
    say: (line) => {
      canvas.end()
      out.write(`${line}\n`)
    },
    show: (game) => {
      const { stream } = game
      let latency = ''
      let pausedWithMs = 0
      let shown: PublicQuestion | undefined
      let before: ReadonlyMap<string, number> = new Map()
      stream.on('question.opened', ({ data }) => {
        shown = data
        // In the lobby everybody has rank 1.
        const ranked = data.index === 0 ? [] : stream.board.top
        before = new Map(ranked.map(({ playerId, rank }) => [playerId, rank]))
      })
      stream.on('session.paused', ({ data }) => {
        pausedWithMs = data.remainingMs ?? 0
      })
      draw = () => {
        const { board } = stream
        const question = board.question ?? shown
        const isPaused = board.status === 'paused'
        const openMs = question === undefined ? 0 : question.closesAt - Math.max(stream.serverNow(), question.opensAt)
        const remainingMs = isPaused ? pausedWithMs : openMs
        canvas.draw(screenLines({ game, board, question, remainingMs, before, events, latency }, canvas))
      }
      const measure = (): void => {
        latency = game.latency()
      }
      timers = [setInterval(draw, FRAME_MS), setInterval(measure, LATENCY_MS)]
      stream.on('session.finished', measure)
    },
    tell: (line) => void events.splice(0, events.push(line) - MAX_EVENTS),
    podium: (top) => {
      canvas.end()
      out.write(`\n${podiumLines(top, canvas.columns).join('\n')}\n`)
    },
    end: () => {
      for (const timer of timers) clearInterval(timer)
      draw()
      draw = () => undefined
      canvas.end()
    },
  }
}

/** Whether lines may be drawn over and coloured. */
export const isInteractive = (out: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  out.isTTY === true && (env.NO_COLOR === undefined || env.NO_COLOR === '') && env.TERM !== 'dumb'

/** What the screen shows of the game at one moment. */
export interface View {
  readonly game: GameOnShow
  readonly board: BoardState
  /** The question that is open, or was open last. */
  readonly question: PublicQuestion | undefined
  readonly remainingMs: number
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
  const { title, players, joinCode } = view.game
  const { present, webSockets } = view.game.attendance()
  const attendance = `${present} of ${players} players: ${webSockets} WebSocket, ${present - webSockets} SSE · join code ${joinCode} · streak bonus`
  const eventRows = rows >= 32 ? 5 : 3
  const boardRows = Math.max(3, Math.min(10, rows - FIXED_ROWS - eventRows))
  return [
    styleText('bold', cut(`Podium · ${clean(title)}`, columns)),
    styleText('gray', cut(attendance, columns)),
    '',
    ...questionLines(view, present, columns),
    '',
    ...boardLines(view, boardRows, columns),
    '',
    ...eventLines(view.events, eventRows, columns),
    styleText('gray', cut(view.latency, columns)),
  ]
}

const questionLines = (view: View, present: number, columns: number): string[] => {
  const { game, question } = view
  const { status, reveal } = view.board
  if (question === undefined || status === 'finished') {
    const texts: Record<string, string> = { lobby: 'The lobby is filling …', finished: 'The quiz is over.' }
    return [texts[status ?? 'lobby'] ?? 'It is about to start …', ...Array(ANSWER_ROWS + 2).fill('')]
  }
  const accepted = game.answered(question.questionId)
  const count = view.board.question === undefined ? (reveal?.answerCount ?? accepted) : accepted
  const difficulty = padded(game.difficultyOf(question.questionId) ?? '', 7)
  const width = Math.min(30, columns - 20)
  return [
    `${styleText('bold', padded(`Question ${question.index + 1} of ${question.count}`, 18))} ${difficulty} ${countdown(view, question, columns)}`,
    styleText('cyan', cut(clean(question.prompt), columns)),
    ...rowLines(answerRows(question, view.board.question === undefined ? reveal : undefined), columns),
    `${padded(`Answers ${count}`, 12)} ${styleText('cyan', bar(count / Math.max(1, present), width))}`,
  ]
}

const countdown = ({ board, remainingMs }: View, { timeLimitMs }: PublicQuestion, columns: number): string => {
  const isPaused = board.status === 'paused'
  const share = board.question === undefined ? 0 : remainingMs / timeLimitMs
  const left = `${(Math.max(0, remainingMs) / 1_000).toFixed(1)} s`
  const time = board.question === undefined ? 'closed' : isPaused ? `paused, ${left} left` : left
  const colour = isPaused ? 'yellow' : share > 0.3 ? 'green' : 'red'
  return styleText(colour, `${bar(share, Math.min(30, columns - 49))} ${time}`)
}

const rowLines = (rows: readonly AnswerRow[], columns: number): string[] => {
  const shown = rows.length > ANSWER_ROWS ? rows.slice(0, ANSWER_ROWS - 1) : rows
  const width = Math.min(Math.max(12, ...shown.map(({ label }) => [...label].length)), columns - 32)
  const lines = shown.map(({ label, isRight, share }) => {
    const text = `  ${padded(label, width)}`
    if (share === undefined) return text
    const line = `${isRight ? '✓ ' : '  '}${padded(label, width)} ${bar(share, 20)} ${String(Math.round(share * 100)).padStart(3)} %`
    if (isRight === undefined) return line
    return isRight ? styleText(['green', 'bold'], line) : styleText('gray', line)
  })
  if (rows.length > shown.length) lines.push(styleText('gray', `  … and ${rows.length - shown.length} more`))
  return [...lines, ...Array.from({ length: ANSWER_ROWS - lines.length }, () => '')]
}

const boardLines = ({ board: { top }, before }: View, rows: number, columns: number): string[] => {
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

/** Scores of a top ten are close together: a bar shows the place between the last and the first of them. */
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

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

/** Draws a block of lines again and again in the same place of a terminal; `end` leaves it there and gives the cursor back. */
export const createCanvas = (out: Output) => {
  let height = 0
  // A block higher than the window could not be drawn over.
  const rows = () => Math.max(1, (out.rows ?? 24) - 1)
  return {
    get columns() {
      return Math.max(50, Math.min(110, (out.columns ?? 80) - 1))
    },
    get rows() {
      return rows()
    },
    draw: (lines: readonly string[]): void => {
      const visible = lines.slice(0, rows())
      const back = height > 1 ? `\u001b[${height - 1}F` : height === 1 ? '\r' : ''
      out.write(`${HIDE_CURSOR}${back}${visible.map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_BELOW}`)
      height = visible.length
    },
    end: (): void => {
      if (height > 0) out.write(`\n${SHOW_CURSOR}`)
      height = 0
    },
  }
}

/** The three steps, in the order in which they stand, with their heights in lines. */
const STEPS = [
  { place: 1, height: 3, colour: 'whiteBright' },
  { place: 0, height: 5, colour: 'yellowBright' },
  { place: 2, height: 2, colour: 'yellow' },
] as const
const MAX_WIDTH = 22
const HEIGHT = 7

/** The first three on their steps. */
export const podiumLines = (top: readonly Pick<Entry, 'rank' | 'nickname' | 'score'>[], columns: number): string[] => {
  const width = Math.min(MAX_WIDTH, Math.floor(columns / 3) - 1)
  return Array.from({ length: HEIGHT }, (_, line) =>
    STEPS.map(({ place, height, colour }) => {
      const entry = top[place]
      const above = HEIGHT - height
      if (entry === undefined || line < above - 2) return ' '.repeat(width)
      if (line === above - 2) return styleText('bold', centred(clean(entry.nickname), width))
      if (line === above - 1) return centred(grouped(entry.score), width)
      const text = line === above ? ` ${entry.rank} ` : ''
      return styleText(colour, centred(text, width, '█'))
    })
      .join(' ')
      .trimEnd(),
  )
}

const centred = (text: string, width: number, fill = ' '): string => {
  const fitting = cut(text, width)
  const left = Math.floor((width - [...fitting].length) / 2)
  return fill.repeat(left) + fitting + fill.repeat(width - left - [...fitting].length)
}
