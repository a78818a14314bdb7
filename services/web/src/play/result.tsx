import { useEffect, useState } from 'react'
import {
  type AnswerContent,
  type BoardState,
  type Entry,
  type Key,
  keyOf,
  type Player,
  type PublicQuestion,
  type Reveal,
} from '#client'
import type { OwnAnswer } from '#react'
import { Heading } from '../shared/layout.tsx'
import { Distribution, keyText } from '../shared/reveal.tsx'
import { type Texts, useTexts } from '../shared/texts/index.ts'
import { keptContent } from './kept.ts'

interface Props {
  readonly player: Player
  readonly board: BoardState
  readonly reveal: Reveal
  /** Undefined after a reload: a snapshot has the reveal only. */
  readonly question: PublicQuestion | undefined
  readonly own: OwnAnswer | undefined
}

export const Result = ({ player, board, reveal, question, own }: Props) => {
  const texts = useTexts()
  const { me, playerCount } = board
  const earned = board.earned?.questionId === reveal.questionId ? board.earned : undefined
  const ahead = useAhead(player, `${reveal.questionId} ${me?.score} ${me?.rank}`)
  const outcome = outcomeOf(
    { board, reveal, own, content: own?.content ?? keptContent(player.playerId, reveal.questionId) },
    texts,
  )
  const key = question === undefined ? undefined : keyText(question, keyOf(reveal), texts)
  return (
    <div className="result stack">
      <section className={`card outcome ${outcome.tone}`}>
        <Heading about={reveal.questionId}>{outcome.text}</Heading>
        {earned !== undefined && earned.points > 0 && <p className="earned">{texts.plus(earned.points)}</p>}
        {earned !== undefined && earned.streak > 1 && <p className="streak">{texts.streak(earned.streak)}</p>}
        {own?.state === 'refused' && own.problem?.code === 'question-closed' && <p>{texts.tooLate}</p>}
      </section>
      {me !== undefined && (
        <p className="standing" role="status">
          <strong>{texts.yourRank(me.rank, playerCount)}</strong>
          <span className="muted">
            {texts.points(me.score)}
            {ahead === undefined || ahead.rank >= me.rank
              ? me.rank === 1 && ` · ${texts.leading}`
              : ` · ${ahead.score === me.score ? texts.level(ahead.nickname) : texts.behind(ahead.score - me.score, ahead.nickname)}`}
          </span>
        </p>
      )}
      <section className="card stack">
        {question !== undefined && (
          <h2 className="prompt">
            <bdi>{question.prompt}</bdi>
          </h2>
        )}
        {key !== undefined && (
          <p>
            <span className="muted">{texts.rightAnswerIs}</span> <strong>{<bdi>{key}</bdi>}</strong>
          </p>
        )}
        {reveal.explanation !== undefined && (
          <p>
            <bdi>{reveal.explanation}</bdi>
          </p>
        )}
        {question !== undefined && question.kind !== 'ordering' && <Distribution question={question} reveal={reveal} />}
      </section>
    </div>
  )
}

interface Outcome {
  readonly text: string
  readonly tone: 'good' | 'bad' | 'neutral'
}

interface Known extends Pick<Props, 'board' | 'reveal' | 'own'> {
  readonly content: AnswerContent | undefined
}

const outcomeOf = ({ board, reveal, own, content }: Known, texts: Texts): Outcome => {
  const isAnswered = board.answered.includes(reveal.questionId)
  if (!isAnswered && own?.state !== 'sending') return { text: texts.noAnswer, tone: 'neutral' }
  if (
    keyOf(reveal) === undefined &&
    board.earned?.correct === undefined &&
    board.earned?.questionId === reveal.questionId
  ) {
    return { text: texts.pollDone, tone: 'neutral' }
  }
  if (board.earned?.questionId !== reveal.questionId) {
    // `score.updated` is not replayed: a phone that missed it still has its own answer and the key.
    const right = content === undefined ? undefined : isRight(content, keyOf(reveal))
    if (right === undefined) return { text: texts.counted, tone: 'neutral' }
    return right ? { text: texts.correctAnswer, tone: 'good' } : { text: texts.wrongAnswer, tone: 'bad' }
  }
  if (board.earned.correct === true) return { text: texts.correctAnswer, tone: 'good' }
  return board.earned.points > 0 ? { text: texts.partlyRight, tone: 'good' } : { text: texts.wrongAnswer, tone: 'bad' }
}

/** Undefined where only the server can tell: partial credit, typed texts, numbers. */
const isRight = (content: AnswerContent, correct: Key | undefined): boolean | undefined => {
  if (!('choice' in content)) return undefined
  if (typeof correct === 'boolean') return content.choice === (correct ? 0 : 1)
  return typeof correct === 'number' ? content.choice === correct : undefined
}

/** The entry next before the own one. */
const useAhead = (player: Player, about: string): Entry | undefined => {
  const [ahead, setAhead] = useState<Entry>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the own place has changed
  useEffect(() => {
    let isCurrent = true
    player
      .leaderboard({ limit: 1, around: 'me' })
      .then(({ around = [] }) => {
        const own = around.findIndex(({ playerId }) => playerId === player.playerId)
        if (isCurrent) setAhead(own > 0 ? around[own - 1] : undefined)
      })
      .catch(() => undefined) // the rest of the page is worth having without it
    return () => {
      isCurrent = false
    }
  }, [player, about])
  return ahead
}
