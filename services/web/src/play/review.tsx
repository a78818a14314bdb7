import { useEffect, useState } from 'react'
import type { Player, ReviewedQuestion } from '#client'
import { problemText } from '../shared/problem.ts'
import { optionTexts } from '../shared/question.tsx'
import { keyText } from '../shared/reveal.tsx'
import { formatted, type Texts, useTexts } from '../shared/texts/index.ts'

/** What was not all right, with the right answer and the explanation. */
export const Review = ({ player }: { readonly player: Player }) => {
  const texts = useTexts()
  const [questions, setQuestions] = useState<readonly ReviewedQuestion[]>()
  const [problem, setProblem] = useState<unknown>()
  const [isWanted, setWanted] = useState(false)
  useEffect(() => {
    // Asked for by the player: not by a thousand phones at the instant at which a session ends.
    if (!isWanted) return
    let isCurrent = true
    player
      .results()
      .then(
        (results) => isCurrent && setQuestions(results.questions),
        (error) => isCurrent && setProblem(error),
      )
      .finally(() => isCurrent && setWanted(false))
    return () => {
      isCurrent = false
    }
  }, [player, isWanted])

  if (questions === undefined) {
    return (
      <>
        <p role="alert" className="error">
          {problem !== undefined && problemText(problem, texts)}
        </p>
        <button
          type="button"
          className="button primary"
          disabled={isWanted}
          onClick={() => {
            setProblem(undefined)
            setWanted(true)
          }}
        >
          {isWanted ? texts.loading : texts.showMistakes}
        </button>
      </>
    )
  }
  const mistakes = questions.filter(({ correct, credit }) => correct !== undefined && credit < 1)
  return (
    <section className="stack review" role="status" aria-labelledby="mistakes">
      <h2 id="mistakes">{texts.mistakes}</h2>
      {mistakes.length === 0 && <p className="card">{texts.noMistakes}</p>}
      <ol className="stack">
        {mistakes.map((question) => (
          <li key={question.questionId} className="card stack">
            <h3 className="prompt">
              <bdi>{question.prompt}</bdi>
            </h3>
            <dl>
              <dt>{texts.yourAnswer}</dt>
              <dd className="wrong">
                <bdi>{answerText(question, texts) ?? texts.noAnswer}</bdi>
              </dd>
              <dt>{texts.rightAnswerIs}</dt>
              <dd className="right">
                <bdi>{keyText(question, question.correct, texts)}</bdi>
              </dd>
            </dl>
            {question.explanation !== undefined && (
              <p>
                <bdi>{question.explanation}</bdi>
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Undefined without an answer. */
const answerText = (question: ReviewedQuestion, texts: Texts): string | undefined => {
  const { answer } = question
  if (answer === undefined) return undefined
  const options = optionTexts(question, texts)
  if (answer.choice !== undefined) return options[answer.choice]
  if (answer.choices !== undefined) {
    return answer.choices.map((index) => options[index]).join(question.kind === 'ordering' ? ' → ' : ' · ')
  }
  return answer.number === undefined ? answer.text : formatted(answer.number)
}
