import { useCallback, useState } from 'react'
import type { PodiumClient } from '#client'
import { Podium } from '../shared/podium.tsx'
import { problemText } from '../shared/problem.ts'
import { Distribution } from '../shared/reveal.tsx'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { formatted } from '../shared/texts/index.ts'
import { useLoaded } from './use-loaded.ts'

interface Props {
  readonly client: PodiumClient
  readonly sessionId: string
  readonly status: 'finished' | 'cancelled'
}

export const ResultsView = ({ client, sessionId, status }: Props) => {
  const texts = useDeskTexts()
  const { value: results, problem } = useLoaded(useCallback(() => client.results(sessionId), [client, sessionId]))
  const [csvProblem, setCsvProblem] = useState<unknown>()

  const download = async (): Promise<void> => {
    setCsvProblem(undefined)
    try {
      const url = URL.createObjectURL(new Blob([await client.resultsCsv(sessionId)], { type: 'text/csv' }))
      const link = document.createElement('a')
      link.href = url
      link.download = `podium-${sessionId}.csv`
      link.click()
      URL.revokeObjectURL(url)
    } catch (error) {
      setCsvProblem(error)
    }
  }

  if (status === 'cancelled') return <p className="card">{texts.status.cancelled}</p>
  const shownProblem = problem ?? csvProblem
  return (
    <div className="stack">
      <p role="alert" className="error">
        {shownProblem !== undefined && problemText(shownProblem, texts)}
      </p>
      {results === undefined && problem === undefined && <p className="muted">{texts.loading}</p>}
      {results !== undefined && (
        <>
          <section className="card">
            <Podium top={results.players} />
          </section>
          <section className="stack">
            <div className="row apart">
              <h2>{texts.results}</h2>
              <button type="button" className="button" onClick={() => void download()}>
                {texts.downloadCsv}
              </button>
            </div>
            <section className="table card" aria-label={texts.results}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{texts.rank}</th>
                    <th scope="col">{texts.name}</th>
                    <th scope="col">{texts.score}</th>
                    <th scope="col">{texts.correct}</th>
                  </tr>
                </thead>
                <tbody>
                  {results.players.map(({ playerId, rank, nickname, score, correctAnswers }) => (
                    <tr key={playerId}>
                      <td>{rank}</td>
                      <td>
                        <bdi>{nickname}</bdi>
                      </td>
                      <td>{formatted(score)}</td>
                      <td>{correctAnswers}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          </section>
          <ol className="stack">
            {results.questions.map((question) => (
              <li key={question.questionId} className="card stack">
                <h3 dir="auto">
                  {question.index + 1}. {question.prompt}
                </h3>
                <p className="muted">
                  {texts.answers(question.answerCount)}
                  {question.correctCount !== undefined &&
                    question.answerCount > 0 &&
                    ` · ${texts.shareCorrect(question.correctCount / question.answerCount)}`}
                </p>
                <Distribution question={question} reveal={question} />
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  )
}
