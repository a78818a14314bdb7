import { type FormEvent, useCallback, useEffect, useState } from 'react'
import type { PodiumClient } from '#client'
import { Heading } from '../shared/layout.tsx'
import { codeOf, problemText } from '../shared/problem.ts'
import { type DeskTexts, useDeskTexts } from '../shared/texts/desk.ts'
import { letterOf } from '../shared/tiles.tsx'
import { type Draft, draftOf, hasOptions, newDraft, quizOf } from './draft.ts'
import { go } from './route.ts'

interface Props {
  readonly client: PodiumClient
  /** Undefined for a new quiz. */
  readonly quizId: string | undefined
}

export const Editor = ({ client, quizId }: Props) => {
  const texts = useDeskTexts()
  const [title, setTitle] = useState('')
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => (quizId === undefined ? [newDraft()] : []))
  const [rest, setRest] = useState<Readonly<Record<string, unknown>>>({})
  const [etag, setEtag] = useState('')
  const [isLoaded, setLoaded] = useState(quizId === undefined)
  const [state, setState] = useState<'editing' | 'saving' | 'saved'>('editing')
  const [problem, setProblem] = useState<unknown>()

  const load = useCallback(async (): Promise<void> => {
    if (quizId === undefined) return
    try {
      const quiz = await client.quiz(quizId)
      setTitle(quiz.title)
      setDrafts(quiz.questions.map(draftOf))
      setRest({
        ...(quiz.tags.length > 0 && { tags: quiz.tags }),
        ...(quiz.language !== undefined && { language: quiz.language }),
      })
      setEtag(quiz.etag)
      setLoaded(true)
      setProblem(undefined)
    } catch (error) {
      setProblem(error)
    }
  }, [client, quizId])
  useEffect(() => void load(), [load])

  const changeAll = (next: readonly Draft[]): void => {
    setDrafts(next)
    setState('editing')
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setState('saving')
    setProblem(undefined)
    try {
      const quiz = quizOf(title, drafts, rest)
      if (quizId === undefined) {
        go({ page: 'quiz', id: (await client.createQuiz(quiz)).quizId })
        return
      }
      setEtag((await client.replaceQuiz(quizId, quiz, { etag })).etag)
      setState('saved')
    } catch (error) {
      setProblem(error)
      setState('editing')
    }
  }
  const isOutdated = codeOf(problem) === 'precondition-failed'

  return (
    <main className="page stack">
      <Heading about={quizId ?? 'new'}>{quizId === undefined ? texts.newQuiz : texts.edit}</Heading>
      {!isLoaded && problem === undefined && <p className="muted">{texts.loading}</p>}
      {isLoaded && (
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <label className="field">
            <span>{texts.title}</span>
            <input
              className="input"
              dir="auto"
              required
              maxLength={200}
              value={title}
              onChange={({ target }) => setTitle(target.value)}
            />
          </label>
          {drafts.map((draft, index) => (
            <QuestionCard
              key={draft.id}
              draft={draft}
              number={index + 1}
              count={drafts.length}
              onChange={(changed) =>
                changeAll(drafts.map((other) => (other.id === draft.id ? { ...other, ...changed } : other)))
              }
              onMove={(by) => changeAll(moved(drafts, index, by))}
              onRemove={() => changeAll(drafts.filter((other) => other.id !== draft.id))}
            />
          ))}
          <button type="button" className="button" onClick={() => changeAll([...drafts, newDraft()])}>
            {texts.addQuestion}
          </button>
          <p role="alert" className="error">
            {problem !== undefined && (isOutdated ? texts.changedElsewhere : saveProblem(problem, texts))}
          </p>
          <div className="row apart save">
            <button type="button" className="button" onClick={() => go({ page: 'quizzes' })}>
              {texts.back}
            </button>
            <span className="row">
              <span role="status" className="muted">
                {state === 'saved' && `✓ ${texts.saved}`}
              </span>
              {isOutdated && (
                <button type="button" className="button" onClick={() => void load()}>
                  {texts.loadAgain}
                </button>
              )}
              <button type="submit" className="button primary" disabled={state === 'saving' || drafts.length === 0}>
                {state === 'saving' ? texts.saving : texts.save}
              </button>
            </span>
          </div>
        </form>
      )}
      {!isLoaded && problem !== undefined && <p className="error">{problemText(problem, texts)}</p>}
    </main>
  )
}

const moved = (drafts: readonly Draft[], index: number, by: number): readonly Draft[] => {
  const next = [...drafts]
  const [draft] = next.splice(index, 1)
  if (draft !== undefined) next.splice(index + by, 0, draft)
  return next
}

/** The server names the field that it refuses by a JSON pointer. */
const saveProblem = (problem: unknown, texts: DeskTexts): string => {
  const { errors = [] } = problem as {
    readonly errors?: readonly { readonly pointer: string; readonly code: string }[]
  }
  const [first] = errors
  if (first === undefined) return problemText(problem, texts)
  const index = /\/questions\/(\d+)/.exec(first.pointer)?.[1]
  return texts.invalidQuiz(index === undefined ? first.code : `${texts.question(Number(index) + 1)}, ${first.code}`)
}

interface CardProps {
  readonly draft: Draft
  readonly number: number
  readonly count: number
  readonly onChange: (changed: Partial<Draft>) => void
  readonly onMove: (by: -1 | 1) => void
  readonly onRemove: () => void
}

const QuestionCard = ({ draft, number, count, onChange, onMove, onRemove }: CardProps) => {
  const texts = useDeskTexts()
  const { kind } = draft
  return (
    <fieldset className="card stack question-card">
      <legend className="visually-hidden">{texts.question(number)}</legend>
      <div className="row apart">
        <p className="number" aria-hidden="true">
          {texts.question(number)}
        </p>
        <span className="row">
          <button type="button" className="button small" disabled={number === 1} onClick={() => onMove(-1)}>
            {texts.moveUp}
          </button>
          <button type="button" className="button small" disabled={number === count} onClick={() => onMove(1)}>
            {texts.moveDown}
          </button>
          <button type="button" className="button small danger" onClick={onRemove}>
            {texts.remove}
          </button>
        </span>
      </div>
      <label className="field">
        <span>{texts.kind}</span>
        <select
          className="input"
          value={kind}
          onChange={({ target }) => onChange({ kind: target.value as Draft['kind'] })}
        >
          {Object.entries(texts.kinds).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{texts.prompt}</span>
        <textarea
          className="input"
          dir="auto"
          rows={2}
          required
          value={draft.prompt}
          onChange={({ target }) => onChange({ prompt: target.value })}
        />
      </label>
      {hasOptions(kind) && <Options draft={draft} onChange={onChange} />}
      {kind === 'true_false' && (
        <div className="row">
          {[true, false].map((value) => (
            <label key={String(value)} className="check">
              <input
                type="radio"
                name={`truth-${draft.id}`}
                checked={draft.isTrue === value}
                onChange={() => onChange({ isTrue: value })}
              />
              {value ? texts.yes : texts.no}
            </label>
          ))}
        </div>
      )}
      {kind === 'fill_blank' && (
        <label className="field">
          <span>{texts.acceptedTexts}</span>
          <textarea
            className="input"
            dir="auto"
            rows={3}
            required
            value={draft.accepted}
            onChange={({ target }) => onChange({ accepted: target.value })}
          />
        </label>
      )}
      {kind === 'numeric' && (
        <div className="columns">
          <NumberField label={texts.value} value={draft.value} isRequired onChange={(value) => onChange({ value })} />
          <NumberField
            label={texts.tolerance}
            value={draft.tolerance}
            isRequired
            onChange={(tolerance) => onChange({ tolerance })}
          />
        </div>
      )}
      <label className="field">
        <span>{texts.explanation}</span>
        <textarea
          className="input"
          dir="auto"
          rows={2}
          value={draft.explanation}
          onChange={({ target }) => onChange({ explanation: target.value })}
        />
      </label>
      <div className="columns">
        <NumberField
          label={texts.timeLimit}
          value={draft.timeLimitSeconds}
          onChange={(timeLimitSeconds) => onChange({ timeLimitSeconds })}
        />
        {kind !== 'poll' && (
          <NumberField label={texts.pointsField} value={draft.points} onChange={(points) => onChange({ points })} />
        )}
        <label className="field">
          <span>{texts.mediaUrl}</span>
          <input
            className="input"
            type="url"
            value={draft.mediaUrl}
            onChange={({ target }) => onChange({ mediaUrl: target.value })}
          />
        </label>
      </div>
    </fieldset>
  )
}

interface NumberProps {
  readonly label: string
  readonly value: string
  readonly isRequired?: boolean
  readonly onChange: (value: string) => void
}

const NumberField = ({ label, value, isRequired = false, onChange }: NumberProps) => (
  <label className="field">
    <span>{label}</span>
    <input
      className="input"
      type="number"
      step="any"
      required={isRequired}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    />
  </label>
)

const Options = ({ draft, onChange }: Pick<CardProps, 'draft' | 'onChange'>) => {
  const texts = useDeskTexts()
  const { kind, options, right } = draft
  const hasKey = kind === 'single_choice' || kind === 'multiple_choice'
  const mark = (index: number, isRight: boolean): void => {
    if (kind === 'single_choice') onChange({ right: [index] })
    else onChange({ right: isRight ? [...right, index] : right.filter((other) => other !== index) })
  }
  const remove = (index: number): void =>
    onChange({
      options: options.filter((_, other) => other !== index),
      right: right.filter((other) => other !== index).map((other) => (other > index ? other - 1 : other)),
    })
  return (
    <ul className="options">
      {kind === 'ordering' && <li className="muted">{texts.orderingHint}</li>}
      {options.map((option, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: options have nothing but their place while they are typed
        <li key={index}>
          {hasKey && (
            <input
              type={kind === 'single_choice' ? 'radio' : 'checkbox'}
              name={`right-${draft.id}`}
              aria-label={texts.isRight(letterOf(index))}
              checked={right.includes(index)}
              onChange={({ target }) => mark(index, target.checked)}
            />
          )}
          <input
            className="input"
            dir="auto"
            required
            aria-label={texts.option(letterOf(index))}
            placeholder={texts.option(letterOf(index))}
            value={option}
            onChange={({ target }) =>
              onChange({ options: options.map((other, at) => (at === index ? target.value : other)) })
            }
          />
          <button
            type="button"
            className="button small"
            aria-label={texts.removeOption(letterOf(index))}
            disabled={options.length <= 2}
            onClick={() => remove(index)}
          >
            ×
          </button>
        </li>
      ))}
      <li>
        <button type="button" className="button small" onClick={() => onChange({ options: [...options, ''] })}>
          {texts.addOption}
        </button>
      </li>
    </ul>
  )
}
