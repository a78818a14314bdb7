import { create } from '@bufbuild/protobuf'
import { type ResultsResult, ResultsResultSchema } from '#gen/command_pb'
import { ranked } from '../../game/scoring/board-order.ts'
import { createRuleBook, RULES } from '../../game/scoring/rules.ts'
import { bonusBy } from '../../game/scoring/totals.ts'
import { publicQuestion, publicStatus, questionReveal } from '../sessions/feed-message.ts'
import { type Actor, authorize, authorizeOn, requireId } from '../sessions/permissions.ts'
import type { Session, SessionStore } from '../sessions/session.ts'
import type { ShownQuestion } from '../sessions/shown-questions.ts'
import type { Ledger, LedgerAnswer, PlayerStanding, QuestionStats } from './ledger.ts'

export interface PlayerResult extends PlayerStanding {
  readonly rank: number
  readonly score: number
  readonly answers: readonly LedgerAnswer[]
}

export interface QuestionResult extends QuestionStats {
  readonly question: ShownQuestion
}

export interface Results {
  readonly session: Session
  /** In order of rank. */
  readonly players: readonly PlayerResult[]
  /** All, in the order of play, also those that were not asked. */
  readonly questions: readonly QuestionResult[]
}

const ruleOf = createRuleBook(RULES)

/** The ledger, ranked, for the host. @throws PodiumError `forbidden`, `not-found` */
export const createResults =
  ({ sessions, ledger }: { readonly sessions: SessionStore; readonly ledger: Ledger }) =>
  async (input: { readonly actor: Actor | undefined; readonly sessionId: string }): Promise<Results> => {
    const actor = authorize('session.results', input.actor)
    const session = authorizeOn('session.results', actor, await sessions.find(requireId(input.sessionId)))
    const { sessionId } = session
    const asked = await sessions.questions(
      sessionId,
      Array.from({ length: session.questionCount }, (_, index) => index),
    )
    const { standings, answers, questions } = await ledger.results(sessionId, asked)
    const answersOf = Map.groupBy(answers, ({ playerId }) => playerId)
    const players = ranked(
      standings.map((standing) => ({
        ...standing,
        score: standing.points + bonusBy({ ...standing.rule, unscored: session.unscored }, ruleOf, standing.correct),
        answers: answersOf.get(standing.playerId) ?? [],
      })),
    )
    return {
      session,
      players,
      questions: asked.flatMap((question, index) => {
        const stats = questions[index]
        return stats === undefined ? [] : [{ question, ...stats }]
      }),
    }
  }

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
