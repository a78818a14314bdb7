import type { AnswerPlan } from '../client/testing/persona.ts'

/** Something that happens besides questions and answers. */
export interface Incident {
  readonly type: 'pause' | 'joins-late' | 'leaves' | 'goes-away' | 'comes-back' | 'changes-device' | 'is-removed'
  /** Index of the question in which it happens, and how long after its opening. */
  readonly question: number
  readonly afterMs: number
  /** Index of the player; none in a pause. */
  readonly player?: number
}

/** The script of a game: who does something out of the ordinary, and when. */
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
    ['goes-away', 0.3, 300],
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
const SILENCING: readonly Incident['type'][] = ['leaves', 'goes-away', 'is-removed']

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
