import { create } from '@bufbuild/protobuf'
import { type ResultsResult, ResultsResultSchema } from '#gen/command_pb'
import { publicQuestion, publicStatus, questionReveal } from '../sessions/feed-message.ts'
import type { Results } from './results.ts'

/** When a past question was open is not kept. */
const PAST = { opensAt: 0, closesAt: 0, elapsedBeforeMs: 0 }

export const resultsMessage = ({ session, players, questions }: Results): ResultsResult =>
  create(ResultsResultSchema, {
    sessionId: session.sessionId,
    title: session.title,
    status: publicStatus(session.state),
    players: players.map(({ rank, playerId, nickname, score, correctAnswers, correctMs, answers }) => ({
      rank,
      playerId,
      nickname,
      score,
      correctAnswers,
      correctMs,
      answers: answers.map(({ questionIndex, choices, text, correct, points, elapsedMs }) => ({
        questionIndex,
        choices: [...choices],
        ...(text !== undefined && { text }),
        correct,
        points,
        elapsedMs,
      })),
    })),
    questions: questions.map(({ question, tally, correctCount, meanElapsedMs }) => ({
      question: publicQuestion(question, PAST, session.questionCount),
      reveal: questionReveal(question, tally),
      correctCount,
      ...(meanElapsedMs !== undefined && { meanElapsedMs }),
    })),
  })
