import { create } from '@bufbuild/protobuf'
import { type ResultsResult, ResultsResultSchema } from '#gen/command_pb'
import type { FairQueue } from '#platform/fair-queue'
import { ranked } from '../../game/scoring/board-order.ts'
import { createRuleBook, RULES } from '../../game/scoring/rules.ts'
import { bonusBy } from '../../game/scoring/totals.ts'
import { revealedCount } from '../../game/session/phase.ts'
import type { Tally } from '../../game/session/state.ts'
import { PAST, publicQuestion, publicStatus, questionReveal } from '../sessions/feed-message.ts'
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
  /** Otherwise neither the key nor what would tell it may be shown. */
  readonly isRevealed: boolean
}

export interface Results {
  readonly session: Session
  /** From the offset, in order of rank, as many as fit into one reply. */
  readonly players: readonly PlayerResult[]
  /** Where the next page begins; undefined with the last one. */
  readonly nextOffset: number | undefined
  /** With the first page: all, in the order of play, also those that were not asked. */
  readonly questions: readonly QuestionResult[]
}

const ruleOf = createRuleBook(RULES)

/** Players with their points and bonus. */
export const scored = ({ unscored }: Pick<Session, 'unscored'>, standings: readonly PlayerStanding[]) =>
  standings.map((standing) => ({
    ...standing,
    score: standing.points + bonusBy({ ...standing.rule, unscored }, ruleOf, standing.correct),
  }))

/** Answers that one page reads at the most, so that none holds up the event loop, and its bytes: a reply of NATS has 8 MiB. */
const PAGE_ANSWERS = 5_000
const PAGE_BYTES = 4 * 2 ** 20
/** More than any player or answer takes without its texts. */
const PLAYER_BYTES = 128
const ANSWER_BYTES = 64

/** Of the most frequent texts of all questions together. */
const TEXTS_BYTES = 2 ** 20

type TextCounts = Tally['textCounts']

/** As many of the most frequent texts as fit, and always the first one, if only its beginning. */
export const fittingTexts = ([first, ...others]: TextCounts, maxBytes: number): TextCounts => {
  if (first === undefined) return []
  const whole = Buffer.from(first.text)
  let bytes = whole.length
  if (bytes > maxBytes) {
    // Half a character at the end is left out.
    const text = new TextDecoder().decode(whole.subarray(0, maxBytes), { stream: true })
    return [{ ...first, text: `${text}…` }]
  }
  const end = others.findIndex(({ text }) => {
    bytes += Buffer.byteLength(text)
    return bytes > maxBytes
  })
  return [first, ...others.slice(0, end === -1 ? others.length : end)]
}

/** How many of these players fit into one page, besides what else is in it; at least one. */
const fittingCount = (players: readonly PlayerResult[], besides: number): number => {
  let bytes = besides
  for (const [count, { nickname, answers }] of players.entries()) {
    bytes += PLAYER_BYTES + Buffer.byteLength(nickname)
    for (const { text } of answers) bytes += ANSWER_BYTES + (text === undefined ? 0 : Buffer.byteLength(text))
    if (bytes > PAGE_BYTES) return Math.max(1, count)
  }
  return players.length
}

/** A page of the ledger, ranked, for the host. @throws PodiumError `forbidden`, `not-found`, `rate-limited` */
export const createResults =
  ({
    sessions,
    ledger,
    resultsQueue,
  }: {
    readonly sessions: SessionStore
    readonly ledger: Ledger
    readonly resultsQueue: FairQueue
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly sessionId: string
    readonly offset: number
  }): Promise<Results> => {
    const actor = authorize('session.results', input.actor)
    const session = authorizeOn('session.results', actor, await sessions.find(requireId(input.sessionId)))
    const { sessionId } = session
    const { offset } = input
    const indexes = offset > 0 ? [] : Array.from({ length: session.questionCount }, (_, index) => index)
    const asked = indexes.length === 0 ? [] : await sessions.questions(sessionId, indexes)
    const most = Math.max(1, Math.floor(PAGE_ANSWERS / Math.max(1, session.questionCount)))
    let all: readonly Omit<PlayerResult, 'answers'>[] = []
    const choose = (standings: readonly PlayerStanding[]): readonly string[] => {
      all = ranked(scored(session, standings))
      return all.slice(offset, offset + most).map(({ playerId }) => playerId)
    }
    const { answers, questions } = await resultsQueue(actor.userId, () =>
      ledger.results(sessionId, asked, session.state.removed, choose),
    )
    // What was right of an answer to a question that is still open would be its key.
    const revealed = revealedCount(session.state)
    const shown = answers.filter(({ questionIndex }) => questionIndex < revealed)
    const answersOf = Map.groupBy(shown, ({ playerId }) => playerId)
    const page = all
      .slice(offset, offset + most)
      .map((player) => ({ ...player, answers: answersOf.get(player.playerId) ?? [] }))
    const textsBytes = Math.floor(TEXTS_BYTES / Math.max(1, asked.length))
    const results = asked.flatMap((question, index) => {
      const stats = questions[index]
      if (stats === undefined) return []
      const tally = { ...stats.tally, textCounts: fittingTexts(stats.tally.textCounts, textsBytes) }
      return [{ question, ...stats, tally, isRevealed: question.index < revealed }]
    })
    const players = page.slice(0, fittingCount(page, Buffer.byteLength(JSON.stringify(results))))
    const next = offset + players.length
    return {
      session,
      players,
      nextOffset: next < all.length ? next : undefined,
      questions: results,
    }
  }

export const resultsMessage = ({ session, players, nextOffset, questions }: Results): ResultsResult =>
  create(ResultsResultSchema, {
    sessionId: session.sessionId,
    title: session.title,
    status: publicStatus(session.state),
    ...(nextOffset !== undefined && { nextOffset }),
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
    questions: questions.map(({ question, isRevealed, tally, correctCount, meanElapsedMs }) => {
      const { questionId, index, kind } = question
      return {
        question: publicQuestion(question, PAST, session.questionCount),
        ...(isRevealed
          ? { reveal: questionReveal(question, tally), correctCount }
          : { reveal: { questionId, index, kind, answerCount: tally.answerCount } }),
        ...(meanElapsedMs !== undefined && { meanElapsedMs }),
      }
    }),
  })
