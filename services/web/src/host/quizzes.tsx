import { useCallback, useState } from 'react'
import type { PodiumClient, QuizSummary } from '#client'
import { Heading } from '../shared/layout.tsx'
import { problemText } from '../shared/problem.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { CreateSession } from './create-session.tsx'
import { go } from './route.ts'
import { useLoaded } from './use-loaded.ts'

const MOST = 100
const RECENT = 8

export const Quizzes = ({ client }: { readonly client: PodiumClient }) => {
  const texts = useDeskTexts()
  const [query, setQuery] = useState('')
  const [hosted, setHosted] = useState<QuizSummary>()
  const [problem, setProblem] = useState<unknown>()
  const quizzes = useLoaded(
    useCallback(() => client.quizzes({ limit: MOST, ...(query !== '' && { query }) }), [client, query]),
  )
  const sessions = useLoaded(useCallback(() => client.sessions({ limit: RECENT }), [client]))

  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setProblem(undefined)
    try {
      await work()
      quizzes.reload()
    } catch (error) {
      setProblem(error)
    }
  }
  const shownProblem = problem ?? quizzes.problem

  return (
    <main className="page stack">
      <div className="row apart">
        <Heading about="quizzes">{texts.hostTitle}</Heading>
        <span className="row">
          <button type="button" className="button" onClick={() => go({ page: 'import' })}>
            {texts.importQuiz}
          </button>
          <button type="button" className="button primary" onClick={() => go({ page: 'new' })}>
            {texts.newQuiz}
          </button>
        </span>
      </div>
      <input
        className="input"
        type="search"
        aria-label={texts.search}
        placeholder={texts.search}
        value={query}
        onChange={({ target }) => setQuery(target.value)}
      />
      <p role="alert" className="error">
        {shownProblem !== undefined && problemText(shownProblem, texts)}
      </p>
      {quizzes.value === undefined && shownProblem === undefined && <p className="muted">{texts.loading}</p>}
      {quizzes.value?.items.length === 0 && query === '' && <p className="card">{texts.noQuizzes}</p>}
      <ul className="quizzes">
        {quizzes.value?.items.map((quiz) => (
          <li key={quiz.quizId} className="card stack">
            <div>
              <h2 dir="auto">{quiz.title}</h2>
              <p className="muted">
                {texts.questions(quiz.questionCount)}
                {quiz.tags.length > 0 && ` · ${quiz.tags.join(', ')}`}
              </p>
            </div>
            <div className="row">
              <button
                type="button"
                aria-label={`${texts.host}: ${quiz.title}`}
                className="button small primary"
                onClick={() => setHosted(quiz)}
              >
                {texts.host}
              </button>
              <button
                type="button"
                aria-label={`${texts.edit}: ${quiz.title}`}
                className="button small"
                onClick={() => go({ page: 'quiz', id: quiz.quizId })}
              >
                {texts.edit}
              </button>
              <button
                type="button"
                aria-label={`${texts.copy}: ${quiz.title}`}
                className="button small"
                onClick={() => void act(() => client.copyQuiz(quiz.quizId))}
              >
                {texts.copy}
              </button>
              <button
                type="button"
                aria-label={`${texts.remove}: ${quiz.title}`}
                className="button small danger"
                onClick={() => {
                  if (confirm(texts.removeQuiz(quiz.title))) void act(() => client.deleteQuiz(quiz.quizId))
                }}
              >
                {texts.remove}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {(sessions.value?.items.length ?? 0) > 0 && (
        <section className="stack">
          <h2>{texts.recentSessions}</h2>
          <ul className="sessions card">
            {sessions.value?.items.map(({ sessionId, title, status, playerCount, joinCode }) => (
              <li key={sessionId} className="row apart">
                <span>
                  <bdi>{title}</bdi>{' '}
                  <span className="muted">
                    {texts.status[status]} · {texts.players(playerCount)} {joinCode !== undefined && `· ${joinCode}`}
                  </span>
                </span>
                <button
                  type="button"
                  aria-label={`${texts.open}: ${title}`}
                  className="button small"
                  onClick={() => go({ page: 'session', id: sessionId })}
                >
                  {texts.open}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {hosted !== undefined && <CreateSession client={client} quiz={hosted} onClose={() => setHosted(undefined)} />}
    </main>
  )
}
