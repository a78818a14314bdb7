import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { BoardDeltaSchema, BoardSnapshotResponseSchema } from '#gen/board_pb'
import { LobbyUpdateSchema, PlayerTakeoverSchema } from '#gen/lobby_pb'
import { EarnedBatchSchema, type EarnedPointsSchema, type PlayerTotalsSchema } from '#gen/score_pb'
import { subjects } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'

type TotalsInit = MessageInitShape<typeof PlayerTotalsSchema> & { playerId: string }

/** Plays `leaderboard` (and the other live subjects) for one session. */
export interface TestBoard {
  /** Changes players' totals and tells it in one delta. */
  set(...entries: TotalsInit[]): void
  /** Changes them, but the delta is lost. */
  setSilently(...entries: TotalsInit[]): void
  /** As after the loss of Redis: same players, new epoch, no message. */
  rebuild(): void
  /** Tells the version only. */
  announce(): void
  /** Snapshots answered. */
  readonly snapshots: () => number
  /** While false, requests for snapshots get no answer. */
  isServing: boolean
  /** Plays `scorer`. */
  earned(...answers: MessageInitShape<typeof EarnedPointsSchema>[]): void
  lobby(update: MessageInitShape<typeof LobbyUpdateSchema>): void
  takeover(playerId: string, generation: number): void
}

export const createTestBoard = (nats: NatsConnection, sessionId: string): TestBoard => {
  const players = new Map<string, TotalsInit>()
  let epoch = 1
  let version = 0
  let snapshots = 0

  const change = (entries: TotalsInit[]): TotalsInit[] => {
    version += 1
    return entries.map((entry) => {
      const known = players.get(entry.playerId)
      const next = { joinOrder: players.size + 1, ...known, version: (known?.version ?? -1) + 1, ...entry }
      if (next.removed) players.delete(entry.playerId)
      else players.set(entry.playerId, next)
      return next
    })
  }

  const publish = (from: number, entries: TotalsInit[]): void => {
    const delta = create(BoardDeltaSchema, { sessionId, epoch, from, to: version, entries })
    nats.publish(subjects.board(sessionId), toBinary(BoardDeltaSchema, delta))
  }

  const board: TestBoard = {
    set: (...entries) => {
      const from = version
      publish(from, change(entries))
    },
    setSilently: (...entries) => {
      change(entries)
    },
    rebuild: () => {
      epoch += 1
      version = 1
    },
    announce: () => publish(version, []),
    snapshots: () => snapshots,
    isServing: true,
    earned: (...answers) => {
      nats.publish(
        subjects.earned(sessionId),
        toBinary(EarnedBatchSchema, create(EarnedBatchSchema, { sessionId, answers })),
      )
    },
    lobby: (update) => {
      const message = create(LobbyUpdateSchema, { sessionId, ...update })
      nats.publish(subjects.lobby(sessionId), toBinary(LobbyUpdateSchema, message))
    },
    takeover: (playerId, generation) => {
      const message = create(PlayerTakeoverSchema, { sessionId, playerId, generation })
      nats.publish(subjects.takeover(sessionId), toBinary(PlayerTakeoverSchema, message))
    },
  }

  nats.subscribe(subjects.boardSnapshot(sessionId), {
    callback: (err, message) => {
      if (err !== null) throw err
      if (!board.isServing) return
      snapshots += 1
      const snapshot = create(BoardSnapshotResponseSchema, {
        sessionId,
        epoch,
        version,
        entries: [...players.values()],
      })
      message.respond(toBinary(BoardSnapshotResponseSchema, snapshot))
    },
  })
  return board
}
