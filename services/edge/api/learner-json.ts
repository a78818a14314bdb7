import { toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import type { Mistake, OwnResults, PlayedSession, ReviewedQuestion } from '#gen/command_pb'
import { findKind } from '../../game/kinds/kinds.ts'
import { optionsJson, questionMediaJson } from './media-json.ts'

/** Documents of the API about what one person played; they hold keys that were revealed. */

const reviewedJson = ({ question, correct, explanation, answer }: ReviewedQuestion) => {
  if (question === undefined) throw new Error('a reviewed question without the question')
  const kind = findKind(question.kind)
  return {
    questionId: question.questionId,
    index: question.index,
    kind: question.kind,
    prompt: question.prompt,
    ...(question.options.length > 0 && { options: optionsJson(question) }),
    ...questionMediaJson(question),
    // As it was sent.
    ...(answer !== undefined && {
      answer: kind?.isOneChoice ? { choice: answer.choices[0] } : (kind?.fieldsOf(answer) ?? {}),
    }),
    ...(correct !== undefined && { correct: toJson(ValueSchema, correct) }),
    credit: answer?.credit ?? 0,
    points: answer?.points ?? 0,
    ...(answer !== undefined && { elapsedMs: answer.elapsedMs }),
    ...(explanation !== undefined && { explanation }),
  }
}

export const ownResultsJson = ({ nickname, rank, score, correctAnswers, questions }: OwnResults) => ({
  nickname,
  rank,
  score,
  correctAnswers,
  questions: questions.map(reviewedJson),
})

export const historyJson = ({ finishedAtMs: finishedAt, ...session }: PlayedSession) => ({
  sessionId: session.sessionId,
  title: session.title,
  finishedAt,
  rank: session.rank,
  score: session.score,
  correctAnswers: session.correctAnswers,
  questionCount: session.questionCount,
  playerCount: session.playerCount,
})

export const mistakeJson = ({ sessionId, title, finishedAtMs, reviewed, tags }: Mistake) => {
  if (reviewed === undefined) throw new Error('a mistake without the question')
  return {
    sessionId,
    title,
    finishedAt: finishedAtMs,
    ...reviewedJson(reviewed),
    ...(tags.length > 0 && { tags }),
  }
}
