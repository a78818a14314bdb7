import { nicknameKey } from '../../../game/nickname.ts'
import type { Player } from '../../../game/session/admission.ts'
import { dueAt, isOver } from '../../../game/session/phase.ts'
import type { NamedResult } from '../../idempotency.ts'
import { feedOutbox } from '../../outbox/messages.ts'
import type { OutboxRow, OutboxTable } from '../../outbox/outbox.ts'
import { publicStatus } from '../../sessions/feed-message.ts'
import type {
  ListedSession,
  LockedSession,
  NewSession,
  OutboxMessage,
  Session,
  SessionStore,
} from '../../sessions/session.ts'
import type { ShownQuestion } from '../../sessions/shown-questions.ts'

export interface LedgerRow {
  readonly sessionId: string
  readonly index: number
  readonly playerId: string
}

interface Stored {
  readonly session: NewSession
  readonly players: ReadonlyMap<string, Player>
  readonly joins: ReadonlyMap<string, NamedResult<{ readonly playerId: string }>>
}

/** The connection of one process: each request takes a while, and its locks are released when it is lost. */
export interface Connection {
  request(): Promise<void>
  onLost(release: () => void): void
}

/** A connection that answers at once and is never lost. */
export const directConnection: Connection = { request: () => Promise.resolve(), onLost: () => undefined }

/** What Postgres holds, in memory and shared by all copies of the service. */
export const createMemoryDatabase = (now: () => number) => {
  const stored = new Map<string, Stored>()
  const ledger: LedgerRow[] = []
  const outbox = new Map<number, OutboxRow & { readonly sessionId: string; readonly createdAt: number }>()
  const locks = createLocks()
  let lastId = 0

  const append = (sessionId: string, messages: readonly OutboxMessage[]): void => {
    for (const message of messages) {
      lastId += 1
      outbox.set(lastId, { id: lastId, ...message, sessionId, createdAt: now() })
    }
  }

  const hasAnswered = (sessionId: string, index: number, playerId: string): boolean =>
    ledger.some((row) => row.sessionId === sessionId && row.index === index && row.playerId === playerId)

  const lockedSession = (
    { request }: Connection,
    before: Stored,
  ): { locked: LockedSession; after: () => Stored; messages: OutboxMessage[] } => {
    const messages: OutboxMessage[] = []
    const players = new Map(before.players)
    const joins = new Map(before.joins)
    let { session } = before
    const { sessionId } = session
    return {
      after: () => ({ session, players, joins }),
      messages,
      locked: {
        session,
        questions: async (indexes) => {
          await request()
          return shownQuestions(session, indexes)
        },
        record: async (change) => {
          await request()
          session = { ...session, state: change.state }
          messages.push(...change.messages)
        },
        findPlayer: async (playerId) => {
          await request()
          return players.get(playerId)
        },
        findPlayers: async ({ userIds, nicknameKeys, playerIds }) => {
          await request()
          return [...players.values()].filter(
            ({ playerId, userId = '', nickname }) =>
              playerIds.includes(playerId) || userIds.includes(userId) || nicknameKeys.includes(nicknameKey(nickname)),
          )
        },
        findJoins: async (names) => {
          await request()
          return names.flatMap((id) => joins.get(id) ?? [])
        },
        seat: async ({ joined, returned, resumed, ...seated }) => {
          await request()
          for (const player of [...joined, ...returned, ...resumed]) players.set(player.playerId, player)
          session = {
            ...session,
            playerCount: session.playerCount + joined.length + returned.length,
            countedAt: session.countedAt + 1,
            nextJoinOrder: session.nextJoinOrder + joined.length,
          }
          for (const name of seated.names) joins.set(name.id, name)
          messages.push(...seated.messages)
          return session
        },
        unseat: async (gone, status, unseated) => {
          await request()
          for (const player of gone) players.set(player.playerId, { ...player, status })
          const seated = gone.filter((player) => player.status === 'joined').length
          session = { ...session, playerCount: session.playerCount - seated, countedAt: session.countedAt + 1 }
          messages.push(...unseated)
          return session
        },
        everyoneAnswered: async (index) => {
          await request()
          const joined = [...players.values()].filter(({ status }) => status === 'joined')
          return joined.length > 0 && joined.every(({ playerId }) => hasAnswered(sessionId, index, playerId))
        },
      },
    }
  }

  const existing = (sessionIds: readonly string[]): readonly Session[] =>
    sessionIds.flatMap((sessionId) => stored.get(sessionId)?.session ?? [])

  const sessionStore = (connection: Connection): SessionStore => {
    const { request } = connection
    return {
      create: async (session) => {
        await request()
        const { joinCode, sessionId } = session
        if ([...stored.values()].some((other) => other.session.joinCode === joinCode && !isOver(other.session.state)))
          return false
        stored.set(sessionId, { session, players: new Map(), joins: new Map() })
        append(sessionId, [feedOutbox({ session, questions: [] }, { type: 'created' }, session.createdAt)])
        return true
      },
      find: async (sessionId) => {
        await request()
        return stored.get(sessionId)?.session
      },
      findDoor: async (idOrCode) => {
        await request()
        const live = [...stored.values()].filter(({ session }) => !isOver(session.state))
        const byCode = live.find(({ session }) => session.joinCode === idOrCode)?.session
        const session = stored.get(idOrCode)?.session ?? byCode
        return session && { sessionId: session.sessionId, ...session.settings }
      },
      countLive: async () => stored.size,
      locked: async (sessionId, step) => {
        await request()
        if (!stored.has(sessionId)) return undefined
        const unlock = await locks.lock(sessionId, connection)
        try {
          await request()
          const { locked, after, messages } = lockedSession(connection, stored.get(sessionId) as Stored)
          const result = await step(locked)
          await request()
          stored.set(sessionId, after())
          append(sessionId, messages)
          return result
        } finally {
          unlock()
        }
      },
      questions: async (sessionId, indexes) => {
        await request()
        return existing([sessionId]).flatMap((session) => shownQuestions(session as NewSession, indexes))
      },
      questionIds: async (sessionId) => {
        await request()
        return stored.get(sessionId)?.session.questions.map(({ questionId }) => questionId) ?? []
      },
      players: async (sessionId, after, limit) => {
        await request()
        return [...(stored.get(sessionId)?.players.values() ?? [])]
          .filter(({ joinOrder }) => joinOrder > after)
          .toSorted((a, b) => a.joinOrder - b.joinOrder)
          .slice(0, limit)
          .map((player) => ({ ...player, joinedAt: 0 }))
      },
      roster: async (sessionId, playerIds) => {
        await request()
        return playerIds.flatMap((playerId) => stored.get(sessionId)?.players.get(playerId) ?? [])
      },
      generations: async (sessionId) => {
        await request()
        return [...(stored.get(sessionId)?.players.values() ?? [])].filter(
          ({ generation, status }) => generation > 1 || status === 'left',
        )
      },
      ofHost: async ({ hostId, status, before, limit }) => {
        await request()
        const place = ({ createdAt, sessionId }: ListedSession): string => `${createdAt} ${sessionId}`
        return [...stored.values()]
          .map(({ session }) => ({
            ...session,
            status: publicStatus(session.state),
            startedAt: undefined,
            finishedAt: undefined,
          }))
          .filter((session) => session.hostId === hostId && (status ?? session.status) === session.status)
          .filter((session) => before === undefined || place(session) < `${before.at} ${before.id}`)
          .toSorted((a, b) => (place(a) < place(b) ? 1 : -1))
          .slice(0, limit)
      },
      playerCounts: async (sessionIds) => {
        await request()
        return new Map(existing(sessionIds).map((session) => [session.sessionId, session]))
      },
      watchedQuestions: async (sessionIds) => {
        await request()
        return existing(sessionIds).flatMap(({ sessionId, playerCount, settings, state: { phase } }) =>
          phase.status === 'question_open' && settings.closeWhenAllAnswered
            ? [{ sessionId, index: phase.index, playerCount }]
            : [],
        )
      },
      phaseEpochs: async (sessionIds) => {
        await request()
        return new Map(existing(sessionIds).map(({ sessionId, state }) => [sessionId, state.phaseEpoch]))
      },
      due: async (before, limit) => {
        await request()
        return [...stored.values()]
          .filter(({ session }) => (dueAt(session.state) ?? before) < before)
          .slice(0, limit)
          .map(({ session }) => ({ sessionId: session.sessionId, phaseEpoch: session.state.phaseEpoch }))
      },
    }
  }

  const outboxTable = ({ request }: Connection): OutboxTable => ({
    waiting: async (sessionId, limit) => {
      await request()
      return [...outbox.values()].filter((row) => row.sessionId === sessionId).slice(0, limit)
    },
    delete: async (ids) => {
      await request()
      for (const id of ids) outbox.delete(id)
    },
    staleSessions: async (olderThanMs, limit) => {
      await request()
      const stale = [...outbox.values()].filter(({ createdAt }) => createdAt < now() - olderThanMs)
      return [...new Set(stale.map(({ sessionId }) => sessionId))].slice(0, limit)
    },
  })

  return {
    sessionStore,
    outboxTable,
    ledger,
    hasAnswered,
    /** What is committed now. */
    committed: (sessionId: string): Stored => {
      const found = stored.get(sessionId)
      if (found === undefined) throw new Error(`there is no session ${sessionId}`)
      return found
    },
  }
}

const shownQuestions = ({ questions, textVersion }: NewSession, indexes: readonly number[]): readonly ShownQuestion[] =>
  questions
    .filter(({ index }) => indexes.includes(index))
    .map((question) => ({
      ...question,
      textVersion,
      prompt: '?',
      options: [],
      explanation: undefined,
      media: undefined,
      optionMedia: undefined,
    }))

/** One lock per session, given to those who wait in their order. */
const createLocks = () => {
  interface Waiting {
    readonly connection: Connection
    enter(): void
  }
  const queues = new Map<string, Waiting[]>()
  const watched = new Set<Connection>()

  const leave = (sessionId: string, waiting: Waiting): void => {
    const queue = queues.get(sessionId) ?? []
    const wasFirst = queue[0] === waiting
    const others = queue.filter((other) => other !== waiting)
    if (others.length === 0) queues.delete(sessionId)
    else queues.set(sessionId, others)
    if (wasFirst) others[0]?.enter()
  }

  return {
    lock: (sessionId: string, connection: Connection): Promise<() => void> => {
      if (!watched.has(connection)) {
        watched.add(connection)
        connection.onLost(() => {
          for (const [id, queue] of queues)
            for (const waiting of queue.toReversed()) if (waiting.connection === connection) leave(id, waiting)
        })
      }
      return new Promise((resolve) => {
        const waiting: Waiting = { connection, enter: () => resolve(() => leave(sessionId, waiting)) }
        const queue = queues.get(sessionId)
        if (queue === undefined) {
          queues.set(sessionId, [waiting])
          waiting.enter()
        } else queue.push(waiting)
      })
    },
  }
}
