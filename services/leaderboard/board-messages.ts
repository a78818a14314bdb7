import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { type BoardSnapshotRequest, BoardSnapshotRequestSchema, BoardSnapshotResponseSchema } from '#gen/board_pb'
import { encodeBoardDelta } from '#platform/contract/codec/board'
import { queues } from '#platform/contract/streams'
import { subjects, wildcards } from '#platform/contract/subjects'
import { isId } from '#platform/ids'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { Msg, NatsConnection } from '#platform/nats'
import { publishTraced } from '#platform/telemetry/messages'
import type { Totals } from '../game/scoring/totals.ts'
import type { Announce, BoardContent, BoardsUseCase } from './boards.ts'

/** Board deltas over core NATS: they are not stored, and an edge that misses one notices by the versions. */
export const createAnnounce =
  (nc: NatsConnection): Announce =>
  (sessionId, { epoch, from, to, changed }, origin) => {
    const firstReceivedAtMs = changed.length > 0 ? (origin?.firstReceivedAtMs ?? 0) : 0
    const delta = encodeBoardDelta({ sessionId, epoch, from, to, entries: changed, firstReceivedAtMs })
    publishTraced(nc, subjects.board(sessionId), delta, origin?.span)
  }

/** Requests under way at which further ones are dropped; the edge asks again. */
const MAX_REQUESTS = 200

/**
 * Answers requests for whole boards; one copy of this service answers each. A session that does not exist has an empty
 * board of epoch 0. A request that cannot be served gets no answer: the edge has a deadline anyway.
 */
export const serveSnapshots = ({
  nc,
  lifecycle,
  logger,
  read,
  pageBytes = PAGE_BYTES,
}: {
  readonly nc: NatsConnection
  readonly lifecycle: Lifecycle
  readonly logger: Logger
  readonly read: BoardsUseCase['read']
  readonly pageBytes?: number
}): void => {
  const underWay = new Set<Promise<void>>()

  const answer = async (message: Msg, request: BoardSnapshotRequest): Promise<void> => {
    try {
      message.respond(encodeSnapshot(request, await read(request.sessionId), pageBytes))
    } catch (err) {
      logger.warn({ err, sessionId: request.sessionId }, 'snapshot request failed')
    }
  }

  const serve = (message: Msg): void => {
    const request = requestOf(message)
    if (request === undefined || underWay.size >= MAX_REQUESTS) {
      logger.warn({ underWay: underWay.size, subject: message.subject }, 'snapshot request dropped')
      return
    }
    const answering = answer(message, request).finally(() => underWay.delete(answering))
    underWay.add(answering)
  }

  const subscription = nc.subscribe(wildcards.boardSnapshots, {
    queue: queues.leaderboard,
    callback: (err, message) => {
      if (err === null) serve(message)
      else logger.error({ err }, 'snapshot subscription failed')
    },
  })
  lifecycle.onStop('snapshots', async () => {
    await subscription.drain()
    await Promise.all(underWay)
  })
}

/** Undefined when the request is invalid, or subject and payload disagree. */
const requestOf = (message: Msg): BoardSnapshotRequest | undefined => {
  let request: BoardSnapshotRequest
  try {
    request = fromBinary(BoardSnapshotRequestSchema, message.data)
  } catch {
    return undefined
  }
  const { sessionId } = request
  return isId(sessionId) && message.subject === subjects.boardSnapshot(sessionId) ? request : undefined
}

/** What a page may hold: NATS carries 8 MiB. */
export const PAGE_BYTES = 4 * 2 ** 20
/** More than any player takes without the answered questions. */
const PLAYER_BYTES = 96

export const encodeSnapshot = (
  { sessionId, afterPlayerId }: Pick<BoardSnapshotRequest, 'sessionId' | 'afterPlayerId'>,
  board: BoardContent | 'unknown-session',
  pageBytes = PAGE_BYTES,
): Uint8Array => {
  const { epoch, version, totals } = board === 'unknown-session' ? { epoch: 0, version: 0, totals: [] } : board
  const rest = afterPlayerId === undefined ? totals : playersAfter(totals, afterPlayerId)
  const count = afterPlayerId === undefined ? rest.length : fittingCount(rest, pageBytes)
  return toBinary(BoardSnapshotResponseSchema, {
    $typeName: 'podium.v1.BoardSnapshotResponse',
    sessionId,
    epoch,
    version,
    entries: rest.slice(0, count).map(toMessage),
    hasMore: count < rest.length,
  })
}

const playersAfter = (totals: readonly Totals[], afterPlayerId: string): readonly Totals[] =>
  totals.filter(({ playerId }) => playerId > afterPlayerId).sort((a, b) => (a.playerId < b.playerId ? -1 : 1))

/** How many of these players fit into one page; at least one. */
const fittingCount = (totals: readonly Totals[], pageBytes: number): number => {
  let bytes = 0
  for (const [count, { answered }] of totals.entries()) {
    bytes += PLAYER_BYTES + answered.length
    if (bytes > pageBytes) return Math.max(1, count)
  }
  return totals.length
}

/** Of one in the codec of all: the reflective encoder wants the type's name. */
const toMessage = (totals: Totals) => ({
  $typeName: 'podium.v1.PlayerTotals' as const,
  ...totals,
  answered: totals.answered as Uint8Array<ArrayBuffer>,
})
