import { create, fromJson, type JsonValue, toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import { type ImportQuizRequest, type Question, type Quiz as QuizMessage, QuizSchema } from '#gen/command_pb'
import type { SessionSettings } from '#gen/feed_pb'
import type { QuestionInput } from '../../game/question.ts'
import type { SettingsInput } from '../../game/session/settings.ts'
import type { ImportQuizInput } from './import-quiz.ts'
import type { Quiz } from './quizzes.ts'

export const questionInputOf = (question: Question): QuestionInput => ({
  kind: question.kind,
  prompt: question.prompt,
  options: question.options,
  correct: question.correct === undefined ? undefined : toJson(ValueSchema, question.correct),
  points: question.points,
  timeLimitSeconds: question.timeLimitSeconds,
  difficulty: question.difficulty,
  explanation: question.explanation,
  mediaUrl: question.mediaUrl,
})

export const settingsInputOf = (settings: SessionSettings | undefined): SettingsInput => {
  if (settings === undefined) return {}
  const { $typeName: _, $unknown: __, ...input } = settings
  return input
}

export const importInputOf = (
  request: Omit<ImportQuizRequest, '$typeName'>,
): Omit<ImportQuizInput, 'actor' | 'once'> => ({
  provider: request.provider,
  amount: request.amount,
  category: request.category,
  difficulty: request.difficulty,
  kind: request.kind,
  format: request.format,
  title: request.title,
  content: request.content,
})

export const quizMessage = ({ quizId, title, createdAt, questions }: Quiz): QuizMessage =>
  create(QuizSchema, {
    quizId,
    title,
    createdAtMs: createdAt,
    questions: questions.map((question) => ({
      questionId: question.questionId,
      kind: question.kind,
      prompt: question.prompt,
      options: [...question.options],
      ...present({
        correct: question.correct === undefined ? undefined : fromJson(ValueSchema, question.correct as JsonValue),
        points: question.points,
        timeLimitSeconds: question.timeLimitSeconds,
        difficulty: question.difficulty,
        explanation: question.explanation,
        mediaUrl: question.mediaUrl,
      }),
    })),
  })

/** Without the members that are undefined. */
const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
