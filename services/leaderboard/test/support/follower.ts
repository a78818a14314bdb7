import { fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type BoardDelta,
  BoardDeltaSchema,
  BoardSnapshotRequestSchema,
  type BoardSnapshotResponse,
  BoardSnapshotResponseSchema,
} from '#gen/board_pb'
import type { PlayerTotals } from '#gen/score_pb'
import { subjects } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'

export const askForSnapshot = async (nc: NatsConnection, sessionId: string): Promise<BoardSnapshotResponse> => {
  const payload = toBinary(BoardSnapshotRequestSchema, { $typeName: 'podium.v1.BoardSnapshotRequest', sessionId })
  const { data } = await nc.request(subjects.boardSnapshot(sessionId), payload, { timeout: 3_000 })
  return fromBinary(BoardSnapshotResponseSchema, data)
}

export interface Follower {
  readonly epoch: number
  readonly version: number
  readonly players: ReadonlyMap<string, PlayerTotals>
  /** Snapshots it had to ask for. */
  readonly snapshots: number
  /** Every (epoch, version) it has been at, as one number each. */
  readonly history: readonly number[]
}

/** Follows a board as an edge does: deltas in order; a snapshot at the beginning and after every hole. */
export const followBoard = (nc: NatsConnection, sessionId: string): Follower => {
  const players = new Map<string, PlayerTotals>()
  const history: number[] = []
  let [epoch, version, snapshots] = [0, 0, 0]
  let asking = false

  const moveTo = (newEpoch: number, newVersion: number): void => {
    ;[epoch, version] = [newEpoch, newVersion]
    history.push(epoch * 2 ** 32 + version)
  }
  const refresh = async (): Promise<void> => {
    const snapshot = await askForSnapshot(nc, sessionId)
    snapshots += 1
    if (snapshot.epoch > epoch || (snapshot.epoch === epoch && snapshot.version > version)) {
      players.clear()
      for (const entry of snapshot.entries) players.set(entry.playerId, entry)
      moveTo(snapshot.epoch, snapshot.version)
    }
  }
  const apply = (delta: BoardDelta): void => {
    const isOld = delta.epoch < epoch || (delta.epoch === epoch && delta.to <= version)
    if (isOld) return
    if (delta.epoch !== epoch || delta.from !== version) {
      if (asking) return
      asking = true
      // Without an answer the next delta, or the announcement after it, is a hole again.
      const done = () => {
        asking = false
      }
      void refresh().then(done, done)
      return
    }
    for (const entry of delta.entries) {
      if (entry.removed) players.delete(entry.playerId)
      else players.set(entry.playerId, entry)
    }
    moveTo(delta.epoch, delta.to)
  }
  nc.subscribe(subjects.board(sessionId), {
    callback: (err, message) => {
      if (err === null) apply(fromBinary(BoardDeltaSchema, message.data))
    },
  })
  return {
    get epoch() {
      return epoch
    },
    get version() {
      return version
    },
    get snapshots() {
      return snapshots
    },
    players,
    history,
  }
}
