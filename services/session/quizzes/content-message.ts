import { create, fromJson, type JsonValue, toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import {
  type ImportQuizRequest,
  type Question,
  type QuizList,
  QuizListSchema,
  type Quiz as QuizMessage,
  QuizSchema,
} from '#gen/command_pb'
import type { SessionSettings } from '#gen/feed_pb'
import type { QuestionInput, QuizContent } from '../../game/question.ts'
import type { SettingsInput } from '../../game/session/settings.ts'
import type { Page } from '../paging.ts'
import { mediaFields } from '../sessions/feed-message.ts'
import type { ImportQuizInput } from './import-quiz.ts'
import type { ListedQuiz, Quiz } from './quiz-store.ts'

const questionInputOf = (question: Question): QuestionInput => ({
  kind: question.kind,
  prompt: question.prompt,
  options: question.options,
  correct: question.correct === undefined ? undefined : toJson(ValueSchema, question.correct),
  points: question.points,
  timeLimitSeconds: question.timeLimitSeconds,
  difficulty: question.difficulty,
  explanation: question.explanation,
  tags: question.tags,
  language: question.language,
  media: question.media,
  mediaUrl: question.mediaUrl,
  optionMedia: Object.keys(question.optionMedia).length === 0 ? undefined : question.optionMedia,
})

export const contentOf = (
  content: Pick<QuizMessage, 'title' | 'tags' | 'language' | 'questions'>,
): QuizContent<QuestionInput> => ({
  title: content.title,
  tags: content.tags,
  language: content.language,
  questions: content.questions.map(questionInputOf),
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

export const quizMessage = (quiz: Quiz): QuizMessage =>
  create(QuizSchema, {
    quizId: quiz.quizId,
    title: quiz.title,
    tags: [...(quiz.tags ?? [])],
    createdAtMs: quiz.createdAt,
    updatedAtMs: quiz.updatedAt,
    revision: quiz.revision,
    ...present({ language: quiz.language }),
    questions: quiz.questions.map((question) => ({
      questionId: question.questionId,
      kind: question.kind,
      prompt: question.prompt,
      options: [...question.options],
      tags: [...(question.tags ?? [])],
      ...present({
        correct: question.correct === undefined ? undefined : fromJson(ValueSchema, question.correct as JsonValue),
        points: question.points,
        timeLimitSeconds: question.timeLimitSeconds,
        difficulty: question.difficulty,
        explanation: question.explanation,
        language: question.language,
      }),
      ...mediaFields(question),
    })),
  })

export const quizListMessage = ({ items, nextCursor }: Page<ListedQuiz>): QuizList =>
  create(QuizListSchema, {
    items: items.map(({ createdAt, updatedAt, language, tags, ...item }) => ({
      ...item,
      tags: [...tags],
      createdAtMs: createdAt,
      updatedAtMs: updatedAt,
      ...present({ language }),
    })),
    ...present({ nextCursor }),
  })

/** Without the members that are undefined. */
const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
