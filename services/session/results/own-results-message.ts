import { create } from '@bufbuild/protobuf'
import {
  type History,
  HistorySchema,
  type MistakeList,
  MistakeListSchema,
  type OwnResults as OwnResultsMessage,
  OwnResultsSchema,
} from '#gen/command_pb'
import type { Page } from '../paging.ts'
import { correctField, explanationField, PAST, publicQuestion } from '../sessions/feed-message.ts'
import type { ShownQuestion } from '../sessions/shown-questions.ts'
import type { HistoryItem, OwnResults } from './own-results.ts'
import type { Mistake, OwnAnswer } from './own-results-store.ts'

/** Own results as the edges get them. */

const answerMessage = ({ choices, text, credit, points, elapsedMs }: OwnAnswer) => ({
  choices: [...choices],
  ...(text !== undefined && { text }),
  credit,
  points,
  elapsedMs,
})

/** With the key: only of questions whose key was revealed. */
const reviewed = (question: ShownQuestion, answer: OwnAnswer | undefined) => ({
  question: publicQuestion(question, PAST, 0),
  ...correctField(question),
  ...explanationField(question),
  ...(answer !== undefined && { answer: answerMessage(answer) }),
})

export const ownResultsMessage = ({ questions, ...place }: OwnResults): OwnResultsMessage =>
  create(OwnResultsSchema, {
    ...place,
    questions: questions.map(({ question, answer }) => reviewed(question, answer)),
  })

export const historyMessage = ({ items, nextCursor }: Page<HistoryItem>): History =>
  create(HistorySchema, {
    items: items.map(({ finishedAt, ...item }) => ({ ...item, finishedAtMs: finishedAt })),
    ...(nextCursor !== undefined && { nextCursor }),
  })

export const mistakesMessage = ({ items, nextCursor }: Page<Mistake>): MistakeList =>
  create(MistakeListSchema, {
    items: items.map(({ sessionId, title, finishedAt, question, tags, ...answer }) => ({
      sessionId,
      title,
      finishedAtMs: finishedAt,
      reviewed: reviewed(question, answer),
      tags: [...tags],
    })),
    ...(nextCursor !== undefined && { nextCursor }),
  })
