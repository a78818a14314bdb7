import { type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import type { ImportQuizResult, Question, Quiz, QuizSummary } from '#gen/command_pb'
import { optionsJson, questionMediaJson } from './media-json.ts'

/** Documents of the API about quizzes. They hold keys: for the host who made the quiz only. */

const quizQuestionJson = (question: Question) => ({
  questionId: question.questionId,
  kind: question.kind,
  prompt: question.prompt,
  ...(question.options.length > 0 && { options: optionsJson(question) }),
  ...(question.correct !== undefined && { correct: toJson(ValueSchema, question.correct) }),
  ...(question.timeLimitSeconds !== undefined && { timeLimitSeconds: question.timeLimitSeconds }),
  ...(question.points !== undefined && { points: question.points }),
  ...(question.difficulty !== undefined && { difficulty: question.difficulty }),
  ...(question.explanation !== undefined && { explanation: question.explanation }),
  ...(question.tags.length > 0 && { tags: question.tags }),
  ...(question.language !== undefined && { language: question.language }),
  ...questionMediaJson(question),
})

export const quizJson = (quiz: Quiz) => ({
  quizId: quiz.quizId,
  title: quiz.title,
  ...(quiz.language !== undefined && { language: quiz.language }),
  tags: quiz.tags,
  createdAt: quiz.createdAtMs,
  updatedAt: quiz.updatedAtMs,
  questions: quiz.questions.map(quizQuestionJson),
})

export const quizSummaryJson = (quiz: QuizSummary) => ({
  quizId: quiz.quizId,
  title: quiz.title,
  ...(quiz.language !== undefined && { language: quiz.language }),
  tags: quiz.tags,
  questionCount: quiz.questionCount,
  createdAt: quiz.createdAtMs,
  updatedAt: quiz.updatedAtMs,
})

/** What of a document that `quizJson` made is not for its host to change. */
const READ_ONLY: ReadonlySet<string> = new Set(['quizId', 'createdAt', 'updatedAt', 'questionId'])

const writable = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !READ_ONLY.has(name)))

/** A quiz that has passed the schema of the API, as the bus has it: options are texts, and what is shown with them stands apart. */
export const quizContent = (body: JsonObject): JsonObject => ({
  ...writable(body),
  questions: (body.questions as JsonObject[]).map(questionContent),
})

const questionContent = (question: JsonObject): JsonObject => {
  const options = question.options as JsonValue[] | undefined
  if (options === undefined) return writable(question)
  const texts: string[] = []
  const optionMedia: JsonObject = {}
  for (const [index, option] of options.entries()) {
    if (typeof option === 'string') texts.push(option)
    else {
      const { text, media } = option as { text: string; media?: JsonObject }
      texts.push(text)
      if (media !== undefined) optionMedia[index] = media
    }
  }
  return { ...writable(question), options: texts, ...(Object.keys(optionMedia).length > 0 && { optionMedia }) }
}

export const importJson = (result: ImportQuizResult) => ({
  quizId: result.quizId,
  imported: result.imported,
  skipped: result.skipped.map(({ index, reason }) => ({ index, reason })),
})
