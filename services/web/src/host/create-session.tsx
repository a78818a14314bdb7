import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { PodiumClient, QuizSummary, Settings } from '#client'
import { problemText } from '../shared/problem.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { go } from './route.ts'

interface Props {
  readonly client: PodiumClient
  readonly quiz: QuizSummary
  readonly onClose: () => void
}

const SCORINGS = ['speed', 'flat', 'accuracy'] as const

/** The settings of a session that a teacher thinks about; the others keep their defaults. */
export const CreateSession = ({ client, quiz, onClose }: Props) => {
  const texts = useDeskTexts()
  const dialog = useRef<HTMLDialogElement>(null)
  const [settings, setSettings] = useState<Partial<Settings>>({
    access: 'guests',
    advance: 'manual',
    timeLimitSeconds: 20,
    scoring: 'speed',
  })
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const change = (changed: Partial<Settings>): void => setSettings({ ...settings, ...changed })
  useEffect(() => dialog.current?.showModal(), [])

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      const { sessionId } = await client.createSession({ quizId: quiz.quizId, settings })
      go({ page: 'session', id: sessionId })
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }
  const check = (label: string, isChecked: boolean, onChange: (checked: boolean) => void) => (
    <label className="check">
      <input type="checkbox" checked={isChecked} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  )

  return (
    <dialog ref={dialog} className="card" onClose={onClose} aria-labelledby="settings-title">
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <h2 id="settings-title">{texts.settingsTitle(quiz.title)}</h2>
        <label className="field">
          <span>{texts.timeLimit}</span>
          <input
            className="input"
            type="number"
            min={5}
            max={300}
            required
            value={settings.timeLimitSeconds}
            onChange={({ target }) => change({ timeLimitSeconds: target.valueAsNumber })}
          />
        </label>
        <label className="field">
          <span>{texts.scoringField}</span>
          <select
            className="input"
            value={settings.scoring}
            onChange={({ target }) => change({ scoring: target.value as Settings['scoring'] })}
          >
            {SCORINGS.map((scoring) => (
              <option key={scoring} value={scoring}>
                {texts.scorings[scoring]}
              </option>
            ))}
          </select>
        </label>
        {check(texts.guestsMayJoin, settings.access === 'guests', (on) => change({ access: on ? 'guests' : 'users' }))}
        {check(texts.advanceManual, settings.advance === 'manual', (on) => change({ advance: on ? 'manual' : 'auto' }))}
        {check(texts.shuffleQuestions, settings.questionOrder === 'random', (on) =>
          change({ questionOrder: on ? 'random' : 'sequential' }),
        )}
        {check(texts.shuffleOptions, settings.optionOrder === 'random', (on) =>
          change({ optionOrder: on ? 'random' : 'fixed' }),
        )}
        {check(texts.streakBonus, settings.streakBonus === true, (on) => change({ streakBonus: on }))}
        <p role="alert" className="error">
          {problem !== undefined && problemText(problem, texts)}
        </p>
        <div className="row apart">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            {texts.cancel}
          </button>
          <button type="submit" className="button primary" disabled={isBusy}>
            {texts.createSession}
          </button>
        </div>
      </form>
    </dialog>
  )
}
