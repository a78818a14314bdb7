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
import {
  type AnswerProgress,
  type Connection,
  ignore,
  useBoard,
  useConnected,
  useConnection,
  useProgress,
} from './stream.ts'

export interface HostView {
  /** Undefined until the stream exists; for `useCountdown`. */
  readonly stream: EventStream | undefined
  readonly board: BoardState | undefined
  readonly connection: Connection
  /** Title, join code, settings and epoch. */
  readonly session: Session | undefined
  readonly presence: Presence | undefined
  /** How many have answered the open question. */
  readonly progress: AnswerProgress | undefined
  /** The command that is on its way. */
  readonly pending: HostCommand | undefined
  /** Why the last command had no effect. */
  readonly problem: PodiumProblem | undefined
  /** Acts on what is shown: a command that comes too late has no effect. */
  control(command: HostCommand): Promise<void>
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
  const progress = useProgress(stream)
  const { status } = board ?? {}

  // The epoch that a command is decided on belongs to the status that is shown.
  const refresh = useCallback(() => client.session(sessionId).then(setSession, ignore), [client, sessionId])
  useEffect(() => {
    if (status !== undefined) void refresh()
  }, [status, refresh])

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

  return {
    stream,
    board,
    connection: useConnection(stream),
    session,
    presence: presence ?? session?.presence,
    progress,
    pending,
    problem,
    control,
  }
}
