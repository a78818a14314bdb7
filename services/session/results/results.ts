import { ranked } from '../../game/scoring/board-order.ts'
import { createRuleBook, RULES } from '../../game/scoring/rules.ts'
import { bonusBy } from '../../game/scoring/totals.ts'
import type { Actor, Session, Sessions, ShownQuestion } from '../ports.ts'
import { authorize, authorizeOn, requireId } from '../sessions/authorization.ts'
import type { Ledger, LedgerAnswer, PlayerStanding, QuestionStats } from './ledger-port.ts'

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
  ({ sessions, ledger }: { readonly sessions: Sessions; readonly ledger: Ledger }) =>
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
        score: standing.points + bonusBy(standing.rule, ruleOf, standing.correct),
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
