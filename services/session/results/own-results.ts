import { LRUCache } from 'lru-cache'
import { PodiumError } from '#platform/errors'
import type { PlayerPrincipal } from '#platform/tokens/token-verifier'
import { isUnscored, KINDS } from '../../game/kinds/kinds.ts'
import { ranked } from '../../game/scoring/board-order.ts'
import { currentQuestion, revealedCount } from '../../game/session/phase.ts'
import { type Page, type PageInput, pageFrom, pageOf } from '../paging.ts'
import type { Actor } from '../sessions/permissions.ts'
import type { Session, SessionStore } from '../sessions/session.ts'
import type { ShownQuestion } from '../sessions/shown-questions.ts'
import type { PlayerStanding } from './ledger.ts'
import type { Mistake, OwnAnswer, OwnResultsStore, PlayedSession } from './own-results-store.ts'
import { scored } from './results.ts'

export interface OwnResults {
  readonly nickname: string
  readonly rank: number
  readonly score: number
  readonly correctAnswers: number
  /** Those whose key was revealed, in the order of play. */
  readonly questions: readonly { readonly question: ShownQuestion; readonly answer: OwnAnswer | undefined }[]
}

interface Deps {
  readonly sessions: Pick<SessionStore, 'find' | 'questions'>
  readonly own: OwnResultsStore
}

type Places = ReadonlyMap<number, { readonly rank: number; readonly score: number; readonly correctAnswers: number }>

/** A class asks at once, when the game is over: the places of a session are made once for all of them. */
const PLACES_TTL_MS = 2_000
const MAX_SESSIONS = 100

const withoutBit = (bits: string, index: number): string => `${bits.slice(0, index)}0${bits.slice(index + 1)}`

/**
 * What a player has done so far, as far as keys were revealed; an answer to an open question counts nowhere in it.
 * @throws PodiumError `unauthorized`, `forbidden`, `not-found`
 */
export const createOwnResults = ({ sessions, own }: Deps) => {
  const known = new LRUCache<string, Promise<Places>>({ max: MAX_SESSIONS, ttl: PLACES_TTL_MS })

  const revealedStandings = async (session: Session): Promise<readonly PlayerStanding[]> => {
    const { sessionId, state } = session
    const standings = await own.standings(sessionId)
    const open = currentQuestion(state)?.index
    if (open === undefined) return standings
    const answers = new Map((await own.answersTo(sessionId, open)).map((answer) => [answer.joinOrder, answer]))
    return standings.map((standing) => {
      const answer = answers.get(standing.joinOrder)
      if (answer === undefined) return standing
      return {
        ...standing,
        points: standing.points - answer.points,
        correct: withoutBit(standing.correct, open),
        correctAnswers: standing.correctAnswers - (answer.correct ? 1 : 0),
        correctMs: standing.correctMs - (answer.correct ? answer.elapsedMs : 0),
      }
    })
  }

  const placesOf = async (session: Session): Promise<Places> =>
    new Map(ranked(scored(session, await revealedStandings(session))).map((player) => [player.joinOrder, player]))

  const cachedPlaces = (session: Session): Promise<Places> => {
    const key = `${session.sessionId} ${session.state.epoch}`
    const places = known.get(key) ?? placesOf(session)
    known.set(key, places, { noUpdateTTL: true })
    places.catch(() => known.delete(key))
    return places
  }

  return async (input: {
    readonly player: PlayerPrincipal | undefined
    readonly sessionId: string
  }): Promise<OwnResults> => {
    const { player: caller, sessionId } = input
    if (caller === undefined) throw new PodiumError('unauthorized')
    const session = caller.sessionId === sessionId ? await sessions.find(sessionId) : undefined
    if (session === undefined) throw new PodiumError('not-found')
    const player = await own.player(sessionId, caller.playerId)
    if (player === undefined || player.status === 'removed') throw new PodiumError('forbidden')
    const indexes = Array.from({ length: revealedCount(session.state) }, (_, index) => index)
    const [answers, questions, places] = await Promise.all([
      own.answers(sessionId, player.joinOrder),
      indexes.length === 0 ? [] : sessions.questions(sessionId, indexes),
      cachedPlaces(session),
    ])
    const place = places.get(player.joinOrder) ?? (await placesOf(session)).get(player.joinOrder)
    if (place === undefined) throw new PodiumError('forbidden')
    const { rank, score, correctAnswers } = place
    const answerTo = new Map(answers.map((answer) => [answer.questionIndex, answer]))
    return {
      nickname: player.nickname,
      rank,
      score,
      correctAnswers,
      questions: questions.map((question) => ({ question, answer: answerTo.get(question.index) })),
    }
  }
}

/** A session that a user played, with the place in it. */
export type HistoryItem = Omit<PlayedSession, 'place'> & NonNullable<PlayedSession['place']>

/** Finished sessions that the user played, newest first. @throws PodiumError `unauthorized`, `malformed` */
export const createHistory =
  ({ sessions, own }: Deps) =>
  async (input: PageInput & { readonly actor: Actor | undefined }): Promise<Page<HistoryItem>> => {
    const { actor } = input
    if (actor === undefined) throw new PodiumError('unauthorized')
    const { limit, before } = pageOf(input)
    const read = () => own.played(actor.userId, before?.id, limit + 1)
    let found = await read()
    const unranked = found.filter(({ place }) => place === undefined)
    for (const { sessionId } of unranked) {
      const session = await sessions.find(sessionId)
      if (session !== undefined) await own.writePlaces(sessionId, (standings) => ranked(scored(session, standings)))
    }
    if (unranked.length > 0) found = await read()
    const { items, nextCursor } = pageFrom(found, limit, ({ playerId: id }) => ({ at: 0, id }))
    // An answer may be scored in this very moment: then the session is left out rather than with a wrong place.
    return {
      items: items.flatMap(({ place, ...item }) => (place === undefined ? [] : [{ ...item, ...place }])),
      nextCursor,
    }
  }

const UNSCORED_KINDS = KINDS.map(({ name }) => name).filter(isUnscored)

/** Questions that the user answered wrong in finished sessions, newest session first. @throws PodiumError `unauthorized`, `malformed` */
export const createMistakes =
  ({ own }: Pick<Deps, 'own'>) =>
  async (
    input: PageInput & { readonly actor: Actor | undefined; readonly tag: string | undefined },
  ): Promise<Page<Mistake>> => {
    const { actor, tag } = input
    if (actor === undefined) throw new PodiumError('unauthorized')
    const { limit, before } = pageOf(input, tag?.includes('\0') ? [{ pointer: '/tag', code: 'pattern' }] : [])
    const after = before === undefined ? undefined : { playerId: before.id, index: before.at }
    const asked = { userId: actor.userId, unscoredKinds: UNSCORED_KINDS, after, tag, limit: limit + 1 }
    const found = await own.mistakes(asked)
    return pageFrom(found, limit, ({ playerId: id, questionIndex: at }) => ({ at, id }))
  }
