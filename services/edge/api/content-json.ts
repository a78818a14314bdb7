import { toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import type { ImportQuizResult, Question, Quiz } from '#gen/command_pb'

/** Documents of the API about quizzes. They hold keys: for the host who made the quiz only. */

const quizQuestionJson = (question: Question) => ({
  questionId: question.questionId,
  kind: question.kind,
  prompt: question.prompt,
  ...(question.options.length > 0 && { options: question.options }),
  ...(question.correct !== undefined && { correct: toJson(ValueSchema, question.correct) }),
  ...(question.timeLimitSeconds !== undefined && { timeLimitSeconds: question.timeLimitSeconds }),
  ...(question.points !== undefined && { points: question.points }),
  ...(question.difficulty !== undefined && { difficulty: question.difficulty }),
  ...(question.explanation !== undefined && { explanation: question.explanation }),
  ...(question.mediaUrl !== undefined && { mediaUrl: question.mediaUrl }),
})

export const quizJson = (quiz: Quiz) => ({
  quizId: quiz.quizId,
  title: quiz.title,
  createdAt: quiz.createdAtMs,
  questions: quiz.questions.map(quizQuestionJson),
})

export const importJson = (result: ImportQuizResult) => ({
  quizId: result.quizId,
  imported: result.imported,
  skipped: result.skipped.map(({ index, reason }) => ({ index, reason })),
})
