import type {
  BoardState,
  EventStream,
  HostCommand,
  PodiumClient,
  PodiumProblem,
  Presence,
  Session,
} from '@podium/client'
import { useCallback, useEffect, useState } from 'react'
import { type Connection, ignore, useBoard, useConnected, useConnection } from './stream.ts'

export interface HostView {
  /** Undefined until the stream exists; for `useCountdown`. */
  readonly stream: EventStream | undefined
  readonly board: BoardState | undefined
  readonly connection: Connection
  /** Title, join code, settings and epoch. */
  readonly session: Session | undefined
  readonly presence: Presence | undefined
  /** The command that is on its way. */
  readonly pending: HostCommand | undefined
  /** Why the last command or removal had no effect. */
  readonly problem: PodiumProblem | undefined
  /** Acts on what is shown: a command that comes too late has no effect. */
  control(command: HostCommand): Promise<void>
  /** Removes a player for good. */
  removePlayer(playerId: string): Promise<void>
}

/** A session as its host sees and steers it. The stream is closed with the component. */
export const useHost = (client: PodiumClient, sessionId: string): HostView => {
  const [stream, setStream] = useState<EventStream>()
  const [session, setSession] = useState<Session>()
  const [presence, setPresence] = useState<Presence>()
  const [pending, setPending] = useState<HostCommand>()
  const [problem, setProblem] = useState<PodiumProblem>()

  useEffect(() => {
    const opened = client.watch(sessionId)
    opened.on('session.snapshot', ({ data }) => setSession(data))
    opened.on('presence.updated', ({ data }) => setPresence(data))
    setStream(opened)
    return () => opened.close()
  }, [client, sessionId])

  useConnected(stream)
  const board = useBoard(stream)
  const { status, locked, pause } = board ?? {}

  // The epoch that a command is decided on belongs to what is shown, all of which may be changed in another tab as well.
  const refresh = useCallback(() => client.session(sessionId).then(setSession, ignore), [client, sessionId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them has another epoch
  useEffect(() => {
    if (status !== undefined) void refresh()
  }, [status, locked, pause, refresh])

  const control = async (command: HostCommand): Promise<void> => {
    setPending(command)
    setProblem(undefined)
    try {
      const epoch = session?.status === status ? session?.epoch : undefined
      setSession(await client.control(sessionId, command, epoch === undefined ? {} : { epoch }))
    } catch (error) {
      setProblem(error as PodiumProblem) // the client throws nothing else
      await refresh()
    } finally {
      setPending(undefined)
    }
  }

  const removePlayer = async (playerId: string): Promise<void> => {
    setProblem(undefined)
    await client.removePlayer(sessionId, playerId).catch(setProblem)
    await refresh()
  }

  return {
    stream,
    board,
    connection: useConnection(stream),
    session,
    presence: presence ?? session?.presence,
    pending,
    problem,
    control,
    removePlayer,
  }
}
