import { type FormEvent, useState } from 'react'
import type { AnswerContent, BoardState, Player, PublicQuestion } from '#client'
import type { OwnAnswer } from '#react'
import { Countdown } from '../shared/countdown.tsx'
import { Heading } from '../shared/layout.tsx'
import { codeOf } from '../shared/problem.ts'
import { optionTexts, QuestionMedia } from '../shared/question.tsx'
import { type Texts, useTexts } from '../shared/texts/index.ts'
import { Mark, tileClass } from '../shared/tiles.tsx'

interface Props {
  readonly player: Player
  readonly board: BoardState
  readonly question: PublicQuestion
  readonly own: OwnAnswer | undefined
  readonly onAnswer: (questionId: string, content: AnswerContent) => void
}

export const Question = ({ player, board, question, own, onAnswer }: Props) => {
  const texts = useTexts()
  const { questionId, index, count, kind, prompt, points, closesAt, timeLimitMs } = question
  const isPaused = board.status === 'paused'
  // What was refused for a pause may be answered again.
  const isSettled = own !== undefined && !(own.state === 'refused' && codeOf(own.problem) === 'session-paused')
  const pad: PadProps = {
    question,
    content: own?.content,
    isDisabled: isSettled || isPaused,
    onAnswer: (content) => onAnswer(questionId, content),
  }
  return (
    <>
      <header className="question-head">
        <p className="row apart">
          <span>{texts.questionOf(index + 1, count)}</span>
          <span className="muted">{kind === 'poll' ? texts.poll : texts.worth(points)}</span>
        </p>
        {isPaused ? (
          <p className="notice">{pauseText(board, texts)}</p>
        ) : (
          <Countdown clock={player} endsAt={closesAt} totalMs={timeLimitMs} />
        )}
      </header>
      <Heading about={questionId} className="prompt">
        <bdi>{prompt}</bdi>
      </Heading>
      <QuestionMedia question={question} />
      <div className={`pad ${isSettled ? 'settled' : ''}`}>
        <Pad {...pad} />
      </div>
      <p className={`answer-state ${own?.state ?? ''}`} role="status">
        {own !== undefined && stateText(own, texts)}
      </p>
    </>
  )
}

const pauseText = ({ pause }: BoardState, texts: Texts): string =>
  `${texts.paused}. ${pause?.reasons.every((reason) => reason === 'host') ? texts.pausedByHost : texts.pausedOther}`

const stateText = ({ state, problem }: OwnAnswer, texts: Texts): string => {
  if (state === 'sending') return texts.sent
  if (state === 'counted') return `✓ ${texts.counted}`
  if (state === 'waiting') return texts.willSend
  switch (codeOf(problem)) {
    case 'question-closed':
      return texts.tooLate
    case 'already-answered':
      return texts.alreadyAnswered
    case 'session-paused':
      return texts.answerWhilePaused
    default:
      return texts.notCounted
  }
}

interface PadProps {
  readonly question: PublicQuestion
  /** What was answered. */
  readonly content: AnswerContent | undefined
  readonly isDisabled: boolean
  readonly onAnswer: (content: AnswerContent) => void
}

/** What an answer is given with, by kind. */
const Pad = (props: PadProps) => {
  switch (props.question.kind) {
    case 'single_choice':
    case 'true_false':
    case 'poll':
      return <OneChoice {...props} />
    case 'multiple_choice':
      return <SeveralChoices {...props} />
    case 'ordering':
      return <Ordering {...props} />
    case 'fill_blank':
    case 'numeric':
      return <Typed {...props} />
    default:
      return props.question satisfies never
  }
}

interface TileProps {
  readonly index: number
  readonly text: string
  readonly isChosen: boolean
  readonly isDisabled: boolean
  readonly mark?: string
  readonly onPress: () => void
}

const Tile = ({ index, text, isChosen, isDisabled, mark, onPress }: TileProps) => (
  // `aria-disabled`, so that the focus stays where the player pressed.
  <button
    type="button"
    className={`tile ${tileClass(index)}`}
    aria-pressed={isChosen}
    aria-disabled={isDisabled}
    onClick={() => {
      if (!isDisabled) onPress()
    }}
  >
    <Mark index={index} {...(mark !== undefined && { text: mark })} />
    <bdi>{text}</bdi>
  </button>
)

const OneChoice = ({ question, content, isDisabled, onAnswer }: PadProps) => {
  const texts = useTexts()
  const chosen = content !== undefined && 'choice' in content ? content.choice : undefined
  return (
    <fieldset className="tiles">
      <legend className="visually-hidden">{texts.chooseOne}</legend>
      {optionTexts(question, texts).map((text, index) => (
        <Tile
          key={text}
          index={index}
          text={text}
          isChosen={chosen === index}
          isDisabled={isDisabled}
          onPress={() => onAnswer({ choice: index })}
        />
      ))}
    </fieldset>
  )
}

const SeveralChoices = ({ question, content, isDisabled, onAnswer }: PadProps) => {
  const texts = useTexts()
  const [picked, setPicked] = useState<readonly number[]>([])
  const chosen = content !== undefined && 'choices' in content ? content.choices : picked
  const toggle = (index: number): void =>
    setPicked(
      picked.includes(index) ? picked.filter((other) => other !== index) : [...picked, index].sort((a, b) => a - b),
    )
  return (
    <>
      <fieldset className="tiles">
        <legend>{texts.chooseSeveral}</legend>
        {optionTexts(question, texts).map((text, index) => (
          <Tile
            key={text}
            index={index}
            text={text}
            isChosen={chosen.includes(index)}
            isDisabled={isDisabled}
            onPress={() => toggle(index)}
          />
        ))}
      </fieldset>
      <button
        type="button"
        className="button primary send"
        disabled={isDisabled || picked.length === 0}
        onClick={() => onAnswer({ choices: picked })}
      >
        {texts.send}
      </button>
    </>
  )
}

const Ordering = ({ question, content, isDisabled, onAnswer }: PadProps) => {
  const texts = useTexts()
  const [picked, setPicked] = useState<readonly number[]>([])
  const order = content !== undefined && 'choices' in content ? content.choices : picked
  const options = optionTexts(question, texts)
  return (
    <>
      <fieldset className="tiles">
        <legend>{texts.putInOrder}</legend>
        {options.map((text, index) => {
          const place = order.indexOf(index)
          return (
            <Tile
              key={text}
              index={index}
              text={text}
              mark={place < 0 ? '' : String(place + 1)}
              isChosen={place >= 0}
              isDisabled={isDisabled}
              onPress={() => setPicked(place < 0 ? [...picked, index] : picked.filter((other) => other !== index))}
            />
          )
        })}
      </fieldset>
      <p className="visually-hidden" role="status">
        {order.length > 0 && `${texts.orderSoFar}: ${order.map((index) => options[index]).join(', ')}`}
      </p>
      <div className="row send">
        <button
          type="button"
          className="button"
          disabled={isDisabled || picked.length === 0}
          onClick={() => setPicked([])}
        >
          {texts.startOver}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={isDisabled || picked.length < options.length}
          onClick={() => onAnswer({ choices: picked })}
        >
          {texts.send}
        </button>
      </div>
    </>
  )
}

const Typed = ({ question, content, isDisabled, onAnswer }: PadProps) => {
  const texts = useTexts()
  const [typed, setTyped] = useState('')
  const isNumber = question.kind === 'numeric'
  const given =
    content === undefined
      ? undefined
      : 'text' in content
        ? content.text
        : 'number' in content
          ? String(content.number)
          : undefined
  const value = given ?? typed
  const number = Number(typed.trim().replace(',', '.'))
  const isUsable = typed.trim() !== '' && (!isNumber || Number.isFinite(number))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isUsable && !isDisabled) onAnswer(isNumber ? { number } : { text: typed.trim() })
  }
  return (
    <form className="stack" onSubmit={submit}>
      <label className="field">
        <span>{isNumber ? texts.typeNumber : texts.typeAnswer}</span>
        <input
          className="input typed"
          dir="auto"
          value={value}
          readOnly={isDisabled}
          onChange={({ target }) => setTyped(target.value)}
          inputMode={isNumber ? 'decimal' : 'text'}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={200}
        />
      </label>
      <button type="submit" className="button primary" disabled={isDisabled || !isUsable}>
        {texts.send}
      </button>
    </form>
  )
}
