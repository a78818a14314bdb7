import { create, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { RosterRequestSchema } from '#gen/command_pb'
import { sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'
import type { RosterSource } from '../streams/ports.ts'

const TIMEOUT_MS = 2_000

export interface RosterSourceOptions {
  readonly nats: NatsConnection
  readonly telemetry?: Telemetry | undefined
}

/** Nicknames from `session`, the one place that has them. */
export const createRosterSource = ({ nats, telemetry }: RosterSourceOptions): RosterSource => ({
  nicknames: async (sessionId, playerIds) => {
    const request = create(RosterRequestSchema, { sessionId, playerIds: [...playerIds] })
    const payload = toBinary(RosterRequestSchema, request)
    const { players } = await sendCommand(nats, 'session-roster', payload, 'roster', {
      timeoutMs: TIMEOUT_MS,
      telemetry,
    })
    return new Map(players.map(({ playerId, nickname }) => [playerId, nickname]))
  },
})
