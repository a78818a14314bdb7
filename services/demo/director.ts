import { setTimeout as sleep } from 'node:timers/promises'
import type { EventStream, PodiumClient } from '#client'
import type { Contestant } from './contestant.ts'
import type { Incident, Script } from './script.ts'
import { counted } from './text.ts'

export interface DirectorDeps {
  readonly script: Script
  readonly host: PodiumClient
  readonly sessionId: string
  /** The host's. */
  readonly stream: EventStream
  /** By the persona's index; a latecomer is not there before it has come. */
  readonly contestant: (player: number) => Contestant | undefined
  readonly admitLate: (player: number) => Promise<Contestant>
  /** One line for people. */
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
  readonly onTrouble: (sentence: string) => void
}

export interface Director {
  /** Resolves when no incident is under way. */
  settled(): Promise<void>
}

const PAUSE_MS = 2_000
/** Times on the wire are whole milliseconds. */
const ROUNDING_MS = 2

/** Makes happen what the script says, each thing so long after its question opened. */
export const createDirector = (deps: DirectorDeps): Director => {
  const { script, host, sessionId, stream, tell, signal, onTrouble } = deps
  const underWay = new Set<Promise<void>>()

  const pause = async (): Promise<void> => {
    const paused = stream.next('session.paused')
    const resumed = stream.next('session.resumed', { timeoutMs: PAUSE_MS + 10_000 })
    for (const wait of [paused, resumed]) wait.catch(() => undefined) // the command may fail first
    const { question } = await host.control(sessionId, 'pause')
    const { remainingMs = 0, at } = (await paused).data
    const title = question === undefined ? '' : ` in the middle of question ${question.index + 1}`
    tell(`The host pauses${title}: ${seconds(remainingMs)} left, no answers are accepted`)
    if (question !== undefined) expectAlike('the time left in the pause', question.closesAt - at, remainingMs)
    await sleep(PAUSE_MS, undefined, { signal })
    await host.control(sessionId, 'resume')
    const { question: again } = (await resumed).data
    const left = again === undefined ? 0 : again.closesAt - again.opensAt
    if (question !== undefined) expectAlike('the time left after the pause', remainingMs, left)
    tell(`The host resumes after ${seconds(PAUSE_MS)}: still ${seconds(left)} left`)
  }

  const expectAlike = (what: string, expected: number, found: number): void => {
    if (Math.abs(expected - found) > ROUNDING_MS) onTrouble(`${what} should be ${expected} ms and was ${found} ms`)
  }

  const perform = async ({ type, player, question }: Incident): Promise<void> => {
    if (player === undefined) return pause()
    if (type === 'joins-late') {
      const { persona } = await deps.admitLate(player)
      return tell(`${persona.nickname} joins late, during question ${question + 1}`)
    }
    const contestant = deps.contestant(player)
    if (contestant === undefined) return
    const { persona, playerId, lastSeen } = contestant
    const score = counted(lastSeen().standing?.score ?? 0, 'point')
    switch (type) {
      case 'leaves':
        await contestant.leave()
        return tell(`${persona.nickname} leaves for good; ${score} stay on the board`)
      case 'goes-away':
        await contestant.leave()
        return tell(`${persona.nickname} leaves with ${score}`)
      case 'comes-back':
        await contestant.comeBack()
        return tell(`${persona.nickname} is back on another device, with the same ${score}`)
      case 'changes-device':
        await contestant.changeDevice()
        return tell(`${persona.nickname} goes on on another device; the first one is told and closed`)
      case 'is-removed':
        await host.removePlayer(sessionId, playerId)
        await contestant.isRemoved()
        return tell(`The host removes ${persona.nickname}: off the board, and no way back in`)
      case 'pause':
        return undefined
      default:
        return type satisfies never
    }
  }

  stream.on('question.opened', ({ data }) => {
    for (const incident of script.incidents.filter(({ question }) => question === data.index)) {
      const at = data.opensAt + incident.afterMs
      const done = sleep(Math.max(0, at - stream.serverNow()), undefined, { signal })
        .then(() => perform(incident))
        .catch((error: unknown) => {
          if (!signal.aborted) onTrouble(`${incident.type}, question ${data.index + 1}: ${error}`)
        })
        .finally(() => underWay.delete(done))
      underWay.add(done)
    }
  })

  return {
    settled: async () => {
      await Promise.all(underWay)
    },
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
