import type { Key, QuestionResult } from '#client'
import { optionTexts, type Shown } from './question.tsx'
import { formatted, type Texts, useTexts } from './texts/index.ts'
import { Mark, tileClass } from './tiles.tsx'

/** Indexes of the options that are right; none for what is typed, put in order or has no right answer. */
export const rightOptions = ({ kind }: Shown, correct: Key | undefined): readonly number[] => {
  if (typeof correct === 'boolean') return [correct ? 0 : 1]
  if (typeof correct === 'number') return [correct]
  if (kind === 'multiple_choice' && Array.isArray(correct)) return correct as readonly number[]
  return []
}

/** The right answer in words; undefined where there is none. */
export const keyText = (question: Shown, correct: Key | undefined, texts: Texts): string | undefined => {
  if (correct === undefined) return undefined
  const options = optionTexts(question, texts)
  if (question.kind === 'ordering') return (correct as readonly number[]).map((index) => options[index]).join(' → ')
  const right = rightOptions(question, correct)
  if (right.length > 0) return right.map((index) => options[index]).join(' · ')
  if (Array.isArray(correct)) return correct.join(' · ')
  if (typeof correct === 'object' && 'tolerance' in correct) {
    const { value, tolerance } = correct
    return tolerance === 0 ? formatted(value) : `${formatted(value)} ± ${formatted(tolerance)}`
  }
  return undefined
}

/** What was answered, at the reveal. */
export const Distribution = ({
  question,
  reveal,
}: {
  readonly question: Shown
  readonly reveal: Pick<QuestionResult, 'correct' | 'distribution'>
}) => {
  const texts = useTexts()
  const options = optionTexts(question, texts)
  const right = rightOptions(question, reveal.correct)
  const rows = reveal.distribution.map((row, index) =>
    typeof row === 'number' ? { text: options[index] ?? '', count: row } : row,
  )
  const isTyped = options.length === 0
  const most = Math.max(1, ...rows.map(({ count }) => count))
  return (
    <ul className="distribution">
      {rows.map(({ text, count }, index) => (
        <li key={text} className={`${isTyped ? '' : tileClass(index)} ${right.includes(index) ? 'right' : ''}`}>
          {isTyped ? <span /> : <Mark index={index} />}
          <span className="label">
            <bdi>{text}</bdi>
            {right.includes(index) && <span className="tick"> ✓ {texts.right}</span>}
          </span>
          <span className="count">{formatted(count)}</span>
          <span className="share">
            <span style={{ transform: `scaleX(${count / most})` }} />
          </span>
        </li>
      ))}
    </ul>
  )
}
