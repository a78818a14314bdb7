import { setTimeout as sleep } from 'node:timers/promises'
import type { EventStream, PodiumClient } from '#client'
import type { AnswerPlan } from '../client/testing/persona.ts'
import type { Contestant } from './contestant.ts'
import { counted } from './text.ts'

/** Something that happens besides questions and answers. */
export interface Incident {
  readonly type: 'pause' | 'joins-late' | 'leaves' | 'disconnects' | 'comes-back' | 'changes-device' | 'is-removed'
  /** Index of the question in which it happens, and how long after its opening. */
  readonly question: number
  readonly afterMs: number
  /** Index of the player; none in a pause. */
  readonly player?: number
}

/** Who does something out of the ordinary in a game, and when. */
export interface Script {
  /** Players who are not there when the quiz starts. */
  readonly latecomers: readonly number[]
  readonly incidents: readonly Incident[]
  /** A plan, changed as the script wants it. */
  adapt(plan: AnswerPlan, player: number, question: number): AnswerPlan
}

type Part = readonly [type: Incident['type'], share: number, afterMs: number]

/** One line per player; `share` is the part of the questions that are over by then. */
const PARTS: readonly (readonly Part[])[] = [
  [['changes-device', 0.6, 400]],
  [['is-removed', 0.5, 600]],
  [['leaves', 0.4, 500]],
  [
    ['disconnects', 0.3, 300],
    ['comes-back', 0.7, 900],
  ],
  [['joins-late', 0.1, 500]],
  [['joins-late', 0.1, 800]],
  [['joins-late', 0.3, 700]],
]
const PAUSE: Part = ['pause', 0.2, 1_200]
/** In a small game only one comes late. */
const CROWD = 50
/** Always without a part. */
const ORDINARY = 2
/** After the last incident of a question its first player still has to answer, so that it is not over before. */
const HOLD_MS = 700

/** Must have nothing under way when it happens. */
const SILENCING: readonly Incident['type'][] = ['leaves', 'disconnects', 'is-removed']

export const scriptFor = (players: number, questions: number): Script => {
  const parts = PARTS.slice(0, Math.max(0, Math.min(players - ORDINARY, players < CROWD ? 5 : PARTS.length)))
  const incident = ([type, share, afterMs]: Part): Incident => ({
    type,
    question: Math.floor(share * questions),
    afterMs,
  })
  const incidents = [
    incident(PAUSE),
    ...parts.flatMap((own, player) => own.map((part) => ({ ...incident(part), player }))),
  ]
  return {
    latecomers: incidents.flatMap(({ type, player }) =>
      type === 'joins-late' && player !== undefined ? [player] : [],
    ),
    incidents,
    adapt: (plan, player, question) => {
      const here = incidents.filter((one) => one.question === question)
      if (here.some((one) => one.player === player && SILENCING.includes(one.type))) return { ...plan, kind: 'silent' }
      const hold = Math.max(0, ...here.map(({ afterMs }) => afterMs + HOLD_MS))
      return player === 0 && plan.kind === 'on-time' ? { ...plan, delayMs: Math.max(plan.delayMs, hold) } : plan
    },
  }
}

const PAUSE_MS = 2_000
/** Times on the wire are whole milliseconds. */
const ROUNDING_MS = 2

/** Makes happen what the script says, each thing so long after its question opened. Resolves `settled` when none is under way. */
export const stageIncidents = ({
  incidents,
  host,
  sessionId,
  stream,
  contestantOf,
  admitLate,
  tell,
  onTrouble,
  signal,
}: {
  readonly incidents: readonly Incident[]
  readonly host: PodiumClient
  readonly sessionId: string
  /** The host's. */
  readonly stream: EventStream
  /** By the persona's index; undefined for a latecomer before it has come. */
  readonly contestantOf: (player: number) => Contestant | undefined
  readonly admitLate: (player: number) => Promise<Contestant>
  /** One line for the display. */
  readonly tell: (line: string) => void
  readonly onTrouble: (sentence: string) => void
  readonly signal: AbortSignal
}): { settled(): Promise<void> } => {
  const running = new Set<Promise<void>>()

  const expectAlike = (what: string, expected: number, found: number): void => {
    if (Math.abs(expected - found) > ROUNDING_MS) onTrouble(`${what} should be ${expected} ms and was ${found} ms`)
  }

  const pause = async (): Promise<void> => {
    const paused = stream.next('session.paused')
    const resumed = stream.next('session.resumed', { timeoutMs: PAUSE_MS + 10_000 })
    for (const wait of [paused, resumed]) wait.catch(() => undefined) // the command may fail first
    const { question } = await host.control(sessionId, 'pause')
    const { remainingMs = 0, at } = (await paused).data
    const title = question === undefined ? '' : ` in the middle of question ${question.index + 1}`
    tell(`The host pauses${title}: ${seconds(remainingMs)} left, no player can answer`)
    if (question !== undefined) expectAlike('the time left in the pause', question.closesAt - at, remainingMs)
    await sleep(PAUSE_MS, undefined, { signal })
    await host.control(sessionId, 'resume')
    const { question: again } = (await resumed).data
    const left = again === undefined ? 0 : again.closesAt - again.opensAt
    if (question !== undefined) expectAlike('the time left after the pause', remainingMs, left)
    tell(`The host resumes after ${seconds(PAUSE_MS)}: still ${seconds(left)} left`)
  }

  const perform = async ({ type, player, question }: Incident): Promise<void> => {
    if (player === undefined) return pause()
    if (type === 'joins-late') {
      const { persona } = await admitLate(player)
      return tell(`${persona.nickname} joins late, during question ${question + 1}`)
    }
    const contestant = contestantOf(player)
    if (contestant === undefined) return
    const { nickname } = contestant.persona
    const score = counted(contestant.player.device.board.me?.score ?? 0, 'point')
    switch (type) {
      case 'leaves':
        await contestant.leave()
        return tell(`${nickname} leaves for good; ${score} stay on the board`)
      case 'disconnects':
        await contestant.leave()
        return tell(`${nickname} leaves with ${score}`)
      case 'comes-back':
        await contestant.comeBack()
        return tell(`${nickname} is back on another device, with the same ${score}`)
      case 'changes-device':
        await contestant.changeDevice()
        return tell(`${nickname} continues on another device; the server closes the first one`)
      case 'is-removed':
        await host.removePlayer(sessionId, contestant.player.playerId)
        await contestant.checkRemoved()
        return tell(`The host removes ${nickname}: off the board, and no way back in`)
      case 'pause':
        return undefined
      default:
        return type satisfies never
    }
  }

  stream.on('question.opened', ({ data }) => {
    for (const incident of incidents.filter(({ question }) => question === data.index)) {
      const at = data.opensAt + incident.afterMs
      const done = sleep(Math.max(0, at - stream.serverNow()), undefined, { signal })
        .then(() => perform(incident))
        .catch((error: unknown) => {
          if (!signal.aborted) onTrouble(`${incident.type}, question ${data.index + 1}: ${error}`)
        })
        .finally(() => running.delete(done))
      running.add(done)
    }
  })

  return { settled: async () => void (await Promise.all(running)) }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
