import { styleText } from 'node:util'
import type { Entry, PublicQuestion, Reveal } from '#client'
import { bar, clean, cut, grouped, padded } from './text.ts'

/** What the screen shows of the game at one moment. */
export interface View {
  readonly title: string
  readonly players: number
  readonly joined: number
  readonly webSockets: number
  readonly joinCode: string
  readonly phase: 'joining' | 'starting' | 'open' | 'closed' | 'finished'
  readonly question?: PublicQuestion
  readonly difficulty?: string
  readonly reveal?: Reveal
  readonly remainingMs: number
  /** Answers accepted to this question. */
  readonly answered: number
  readonly top: readonly Entry[]
}

export const optionsOf = (question: PublicQuestion): readonly string[] =>
  question.kind === 'true_false' ? ['True', 'False'] : (question.options ?? [])

/** Index of the right option as shown. */
export const rightOption = ({ correct }: Reveal): number =>
  typeof correct === 'boolean' ? (correct ? 0 : 1) : Number(correct)

const LETTERS = 'ABCDEFGHIJ'
const NAME_WIDTH = 16
const medals = ['yellowBright', 'whiteBright', 'yellow'] as const

/** The screen as lines of at most `columns` characters. Always the same number of them, so that nothing jumps. */
export const screenLines = (view: View, columns: number): string[] => {
  const { title, players, joined, webSockets, joinCode } = view
  const sse = joined - webSockets
  return [
    styleText('bold', cut(`Podium · ${clean(title)}`, columns)),
    styleText(
      'gray',
      cut(`${joined} of ${players} players: ${webSockets} WebSocket, ${sse} SSE · join code ${joinCode}`, columns),
    ),
    '',
    ...questionLines(view, columns),
    '',
    ...boardLines(view.top, columns),
  ]
}

const questionLines = (view: View, columns: number): string[] => {
  const { question, reveal, phase, remainingMs, answered, joined } = view
  if (question === undefined) {
    const text =
      phase === 'joining' ? 'The lobby is filling.' : phase === 'finished' ? 'The quiz is over.' : 'Starting …'
    return [text, '', '', '', '']
  }
  const open = phase === 'open'
  const share = open ? remainingMs / question.timeLimitMs : 0
  const time = open ? `${(Math.max(0, remainingMs) / 1_000).toFixed(1)} s` : 'closed'
  const timer = styleText(share > 0.3 ? 'green' : 'red', bar(share, Math.min(30, columns - 40)))
  return [
    `Question ${question.index + 1} of ${question.count}  ${padded(view.difficulty ?? '', 7)} ${timer} ${time}`,
    styleText('cyan', cut(clean(question.prompt), columns)),
    optionsLine(question, open ? undefined : reveal, columns),
    '',
    `${padded(`Answers ${open ? answered : (reveal?.answerCount ?? answered)}`, 12)} ${bar(answered / Math.max(1, joined), Math.min(30, columns - 20))}`,
  ]
}

const optionsLine = (question: PublicQuestion, reveal: Reveal | undefined, columns: number): string => {
  const options = optionsOf(question)
  const width = Math.max(6, Math.floor(columns / Math.max(1, options.length)) - 4)
  return options
    .map((option, index) => {
      const text = `${LETTERS[index]} ${cut(clean(option), width)}`
      if (reveal === undefined) return text
      return rightOption(reveal) === index ? styleText(['green', 'bold'], text) : styleText('gray', text)
    })
    .join('  ')
}

const ROWS = 10

const boardLines = (top: readonly Entry[], columns: number): string[] => {
  const best = Math.max(1, top[0]?.score ?? 1)
  const width = Math.max(5, Math.min(50, columns - NAME_WIDTH - 16))
  return Array.from({ length: ROWS }, (_, row) => {
    const entry = top[row]
    if (entry === undefined) return ''
    const name = padded(clean(entry.nickname), NAME_WIDTH)
    const style = medals[entry.rank - 1] ?? 'blue'
    const filled = bar(entry.score / best, width).replaceAll('░', ' ')
    return `${String(entry.rank).padStart(3)}  ${name} ${styleText(style, filled)} ${grouped(entry.score).padStart(7)}`
  })
}
