import { type EventStream, keyOf, optionsOf, optionText, type PublicQuestion, type Reveal } from '#client'
import { plain } from '../client/testing/answer-content.ts'
import { clean, counted, cut, grouped } from './text.ts'

/** What a person sees of a game while it is played: a screen that is redrawn, or plain lines. */
export interface Display {
  /** A line that stays. */
  say(line: string): void
  show(game: GameOnShow): void
  /** Something out of the ordinary, in one line. */
  tell(line: string): void
  /** The winners, when the display has something to add to the summary. */
  podium(top: EventStream['board']['top']): void
  /** Stops redrawing and gives the terminal back. May be called again. */
  end(): void
}

export interface GameOnShow {
  readonly title: string
  readonly players: number
  readonly joinCode: string
  /** The host's. */
  readonly stream: Pick<EventStream, 'on' | 'board' | 'serverNow'>
  difficultyOf(questionId: string): string | undefined
  attendance(): { readonly present: number; readonly webSockets: number }
  /** Answers accepted to a question so far. */
  answered(questionId: string): number
  /** Latencies so far, in one line. */
  latency(): string
}

/** Plain lines, for files, pipes and CI. */
export const createLines = (out: Pick<NodeJS.WriteStream, 'write'>): Display => {
  const say = (line: string): void => void out.write(`${line}\n`)
  return {
    say,
    show: ({ title, players, joinCode, stream, difficultyOf, attendance }) => {
      say(`"${clean(title)}" for ${counted(players, 'player')}, join code ${joinCode}, with streak bonus`)
      let question: PublicQuestion | undefined
      stream.on('session.starting', () => {
        const { present, webSockets } = attendance()
        say(`${counted(present, 'player')} joined: ${webSockets} over WebSocket, ${present - webSockets} over SSE`)
        say('The quiz starts.')
      })
      stream.on('question.opened', ({ data }) => {
        question = data
        const kind = data.kind.replace('_', ' ')
        const difficulty = difficultyOf(data.questionId)
        const level = difficulty === undefined ? kind : `${kind}, ${difficulty}`
        say(`Question ${data.index + 1}/${data.count} (${level}): ${cut(clean(data.prompt), 90)}`)
      })
      stream.on('question.closed', ({ data }) => {
        const best = stream.board.top
          .slice(0, 3)
          .map(({ rank, nickname, score }) => `${rank}. ${clean(nickname)} ${grouped(score)}`)
        if (question !== undefined) say(`  ${revealText(question, data)}; ${best.join(', ')}`)
      })
    },
    tell: (line) => say(`  * ${clean(line)}`),
    podium: () => undefined,
    end: () => undefined,
  }
}

/** One line of what could be answered, or was. */
export interface AnswerRow {
  readonly label: string
  /** Undefined while the question is open, and without a key. */
  readonly isRight: boolean | undefined
  /** Part of the answers with it, 0 to 1. */
  readonly share: number | undefined
}

const LETTERS = 'ABCDEFGHIJ'

/** The options, or the texts and numbers that were typed, most frequent first. Without a reveal: what is open. */
export const answerRows = (question: PublicQuestion, reveal: Reveal | undefined): AnswerRow[] => {
  const { kind } = question
  const options = optionsOf(question).map(optionText)
  if (kind === 'fill_blank' || kind === 'numeric') {
    return reveal === undefined ? [{ label: '… to be typed', isRight: undefined, share: undefined }] : typedRows(reveal)
  }
  const right = reveal === undefined ? [] : rightOptions(reveal)
  return (kind === 'true_false' ? ['True', 'False'] : options).map((option, index) => {
    const label = `${LETTERS[index]}  ${clean(option)}`
    if (reveal === undefined) return { label, isRight: undefined, share: undefined }
    const isRight = kind === 'poll' || kind === 'ordering' ? undefined : right.includes(index)
    return { label, isRight, share: shareOf(Number(reveal.distribution[index] ?? 0), reveal) }
  })
}

/** Indexes of the right options as shown. */
const rightOptions = (reveal: Reveal): readonly number[] => {
  const correct = keyOf(reveal)
  return typeof correct === 'boolean' ? [correct ? 0 : 1] : [correct].flat().map(Number)
}

const shareOf = (count: number, { answerCount }: Reveal): number => (answerCount === 0 ? 0 : count / answerCount)

const typedRows = (reveal: Reveal): AnswerRow[] => {
  const correct = keyOf(reveal)
  const accepted = new Set([correct].flat().map((text) => plain(String(text))))
  const isRight = (text: string): boolean =>
    typeof correct === 'object' && 'value' in correct
      ? Math.abs(Number(text) - correct.value) <= correct.tolerance
      : accepted.has(plain(text))
  const typed = reveal.distribution.flatMap((entry) => (typeof entry === 'number' ? [] : [entry]))
  return typed.map(({ text, count }) => ({ label: clean(text), isRight: isRight(text), share: shareOf(count, reveal) }))
}

/** The outcome of a question in a few words. */
export const revealText = (question: PublicQuestion, reveal: Reveal): string => {
  const { kind } = question
  const options = optionsOf(question).map(optionText)
  const rows = answerRows(question, reveal)
  const right = rows.filter(({ isRight }) => isRight)
  const name = ({ label }: AnswerRow) => cut(label.replace(/^[A-J] {2}/, ''), 40)
  const percent = (share: number | undefined): string => `${Math.round(100 * (share ?? 0))} %`
  const answers = counted(reveal.answerCount, 'answer')
  switch (kind) {
    case 'multiple_choice':
      return `${answers}, right were ${right.map((row) => `${name(row)} (${percent(row.share)})`).join(', ')}`
    case 'poll':
      return `${answers}: ${rows.map((row) => `${name(row)} (${percent(row.share)})`).join(', ')}`
    case 'ordering': {
      const order = rightOptions(reveal).map((index) => clean(options[index] ?? ''))
      return `${answers}, the right order: ${cut(order.join(' < '), 90)}`
    }
    case 'numeric':
    case 'fill_blank': {
      const mistake = rows.find(({ isRight }) => !isRight)
      const correct = keyOf(reveal)
      const key = typeof correct === 'object' && 'value' in correct ? correct.value : [correct].flat()[0]
      const share = right.reduce((sum, row) => sum + (row.share ?? 0), 0)
      const text = `${answers}, ${percent(share)} right (${cut(clean(String(key)), 40)})`
      return mistake === undefined ? text : `${text}, most frequent mistake: ${name(mistake)}`
    }
    case 'single_choice':
    case 'true_false':
      return `${answers}, ${percent(right[0]?.share)} right (${right.map(name).join(', ')})`
    default:
      return kind satisfies never
  }
}
