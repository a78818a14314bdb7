import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswerOutcome, Player, PodiumClient, PublicQuestion, Snapshot, StreamOptions } from '../src/index.ts'

/**
 * One player as an app on a phone: it joins, keeps its stream open, meets every question once, and may start again, lose its
 * network, change the device, leave and come back. What it answers, and what is measured of it, is up to the caller.
 */
export interface SimulatedPlayer {
  readonly playerId: string
  readonly nickname: string
  /** The device in use; a restart or a change of device makes another one. */
  readonly device: Player
  readonly isIn: boolean
  /** Everything that the server has decided about this player's answers, on whatever device. */
  readonly outcomes: readonly AnswerOutcome[]
  /** Connections after the first of each device. */
  readonly reconnects: number
  /** Connects the first device. Rejects with the problem that ended its stream before the first snapshot. */
  connect(): Promise<Snapshot>
  /**
   * Resolves `offsetMs` after the end of the question (negative: before it), as it is by then, and not while the session is
   * paused. `onPause` is called when it was paused meanwhile. Rejects when the player is closed.
   */
  until(question: PublicQuestion, offsetMs: number, onPause?: () => void): Promise<void>
  /** Resolves when the session is not paused. */
  unpaused(): Promise<void>
  /** Runs in the background until `settled`; a failure goes to `onFault`. */
  run(work: Promise<void>): void
  /** The app is killed and started again: same credentials, and every open question is met again. */
  restart(): void
  /** Resumes on a new device, also after leaving. The server ends the stream of the old one. */
  changeDevice(stream?: StreamOptions): Promise<{ readonly old: Player; readonly snapshot: Snapshot }>
  leave(): Promise<void>
  /** Resolves when no question is being dealt with. */
  settled(): Promise<void>
  close(): void
}

export interface SimulatedPlayerOptions {
  /** With the user's token; without one for a guest. */
  readonly client: PodiumClient
  /** Session id or join code. */
  readonly session: string
  readonly nickname?: string
  readonly stream?: StreamOptions
  /** Called with every device before it connects, for listening to it. */
  readonly onDevice?: (device: Player) => void
  /** Called with every question that is open, also while the session is paused in it, unless it is answered. */
  readonly onQuestion?: (question: PublicQuestion, player: SimulatedPlayer) => Promise<void>
  /** Called with what `onQuestion` rejects with. Default: thrown as an unhandled rejection. */
  readonly onFault?: (error: unknown) => void
  /** Closes the player. */
  readonly signal?: AbortSignal
}

/** Joins; `connect()` opens the stream. */
export const joinAsSimulatedPlayer = async (options: SimulatedPlayerOptions): Promise<SimulatedPlayer> => {
  const { client, session, nickname, stream = {}, onDevice, onQuestion, onFault } = options
  const closing = new AbortController()
  const running = new Set<Promise<void>>()
  const outcomes: AnswerOutcome[] = []
  let met = new Set<string>()
  let isIn = true
  let reconnects = 0
  let pause: PromiseWithResolvers<void> | undefined
  let interruption = new AbortController()
  /** With the times of now; they move when the session is paused. */
  let latest: PublicQuestion | undefined

  const attach = (device: Player): Player => {
    device.onAnswer((outcome) => outcomes.push(outcome))
    device.onBoard(({ status, question, answered }) => {
      if (device !== player.device) return
      if (question !== undefined) latest = question
      if (status === 'paused' && pause === undefined) {
        pause = Promise.withResolvers()
        interruption.abort()
      } else if (status !== 'paused' && pause !== undefined) {
        interruption = new AbortController()
        pause.resolve()
        pause = undefined
      }
      if (question === undefined || met.has(question.questionId) || answered.includes(question.questionId)) return
      met.add(question.questionId)
      if (onQuestion !== undefined) player.run(onQuestion(question, player))
    })
    onDevice?.(device)
    return device
  }

  let device = await client.join(session, { ...stream, ...(nickname !== undefined && { nickname }) })
  const replace = (next: Player): void => {
    reconnects += device.reconnects
    device = next
    attach(next)
  }

  const player: SimulatedPlayer = {
    playerId: device.playerId,
    nickname: device.nickname,
    get device() {
      return device
    },
    get isIn() {
      return isIn
    },
    outcomes,
    get reconnects() {
      return reconnects + device.reconnects
    },
    connect: () => device.connect(),
    until: async (question, offsetMs, onPause) => {
      for (;;) {
        if (pause !== undefined) onPause?.()
        await player.unpaused()
        closing.signal.throwIfAborted()
        const { closesAt } = latest?.questionId === question.questionId ? latest : question
        const ms = Math.ceil(closesAt + offsetMs - device.serverNow())
        if (ms <= 0) return
        const signal = AbortSignal.any([closing.signal, interruption.signal])
        const isOver = await sleep(ms, true, { signal }).catch(() => false)
        if (isOver) return
      }
    },
    unpaused: async () => {
      await pause?.promise
    },
    run: (work) => {
      const done = work
        .catch((error: unknown) => {
          if (closing.signal.aborted) return
          if (onFault === undefined) throw error
          onFault(error)
        })
        .finally(() => running.delete(done))
      running.add(done)
    },
    restart: () => {
      const { sessionId, playerId, token, nickname } = device
      device.close()
      met = new Set()
      replace(client.player({ sessionId, playerId, token, nickname }, stream))
      device.connect().catch(() => undefined) // `device.ended` has the reason
    },
    changeDevice: async (next = stream) => {
      const old = device
      replace(await client.join(session, { ...next, resume: true }))
      const snapshot = await device.connect()
      isIn = true
      return { old, snapshot }
    },
    leave: async () => {
      isIn = false
      await device.leave()
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running)
    },
    close: () => {
      closing.abort()
      pause?.resolve()
      device.close()
    },
  }
  attach(device)
  options.signal?.addEventListener('abort', player.close, { once: true })
  if (options.signal?.aborted === true) player.close()
  return player
}
