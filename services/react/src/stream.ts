import type { BoardState, EventStream, PodiumProblem, Snapshot, StreamStatus } from '@podium/client'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'

/** What a screen shows of the session; `undefined` while there is no stream. */
export const useBoard = (stream: EventStream | undefined): BoardState | undefined =>
  useSyncExternalStore(
    useCallback((onChange) => stream?.onBoard(onChange) ?? ignore, [stream]),
    () => stream?.board,
    () => stream?.board,
  )

export interface Connection {
  readonly status: StreamStatus
  /** Why there is no connection, or why the stream ended. */
  readonly problem: PodiumProblem | undefined
}

/** How the connection is; the component renders again when its status changes. */
export const useConnection = (stream: EventStream | undefined): Connection => {
  const status = useSyncExternalStore(
    useCallback((onChange) => stream?.onStatus(onChange) ?? ignore, [stream]),
    () => stream?.status ?? 'idle',
    () => stream?.status ?? 'idle',
  )
  return { status, problem: stream?.problem }
}

/** The newest snapshot: title, join code, settings. What changes is in the board. */
export const useSnapshot = (stream: EventStream | undefined): Snapshot | undefined => {
  const [snapshot, setSnapshot] = useState<Snapshot>()
  useEffect(() => stream?.on('session.snapshot', ({ data }) => setSnapshot(data)), [stream])
  return snapshot
}

/** Connects, and reconnects at once when a page is shown again or the network is back. */
export const useConnected = (stream: EventStream | undefined): void => {
  useEffect(() => {
    if (stream === undefined) return
    stream.connect().catch(ignore) // the status tells
    return onReturn(stream.wake)
  }, [stream])
}

interface Target {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** React Native has neither event; there the app calls `wake()` from AppState and NetInfo. */
const onReturn = (wake: () => void): (() => void) => {
  const page = globalThis as unknown as Partial<Target> & {
    readonly document?: Target & { readonly visibilityState: string }
  }
  const { document } = page
  if (document === undefined || page.addEventListener === undefined) return ignore
  const onVisible = () => {
    if (document.visibilityState === 'visible') wake()
  }
  document.addEventListener('visibilitychange', onVisible)
  page.addEventListener('online', wake)
  return () => {
    document.removeEventListener('visibilitychange', onVisible)
    page.removeEventListener?.('online', wake)
  }
}

export const ignore = (): void => undefined
