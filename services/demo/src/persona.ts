import type { QuestionInput } from '#client'
import { around, below, chance, createRandom } from './random.ts'

/** Who a simulated player is. */
export interface Persona {
  readonly index: number
  readonly nickname: string
  /** 0 knows nothing, 1 everything. */
  readonly skill: number
  /** 1 thinks as long as most. */
  readonly pace: number
  readonly transport: 'ws' | 'sse'
  readonly seed: string
}

/** What a player does about one question. */
export interface Plan {
  readonly kind: 'on-time' | 'late' | 'silent'
  readonly choice: number
  /** From the opening of the question, or from its end when late. */
  readonly delayMs: number
  readonly via: 'ws' | 'http'
  /** Sends the same answer once more, as after a reply that was lost. */
  readonly again: boolean
  /** Then wants another option, which is one answer too many. */
  readonly changesMind: boolean
}

export const personaOf = (index: number, nickname: string, seed: string): Persona => {
  const random = createRandom(seed, 'player', index)
  return {
    index,
    nickname,
    seed,
    skill: Math.min(0.98, Math.max(0.2, around(random, 0.66, 0.17))),
    pace: Math.max(0.4, around(random, 1, 0.25)),
    transport: chance(random, 0.5) ? 'ws' : 'sse',
  }
}

/** A slow thinker of a quick question; keeps the demo short. */
const LONGEST_THOUGHT_MS = 2_400
/** Every fourth question some are late or say nothing, so that it closes by its timer; the others close when all have answered. */
const SLOW_EVERY = 4

const EASE = { easy: 0.14, medium: 0, hard: -0.16 } as const

/** What a question needs to be known of: its kind, its options and its key. */
export type Known = Pick<QuestionInput, 'kind' | 'options' | 'correct' | 'difficulty'>

const rightChoice = ({ kind, correct }: Known): number =>
  kind === 'true_false' ? (correct === true ? 0 : 1) : Number(correct)

/** The same for the same persona and question, whatever else happens. */
export const planFor = (persona: Persona, question: Known, questionIndex: number, players: number): Plan => {
  const random = createRandom(persona.seed, 'player', persona.index, 'question', questionIndex)
  const options = question.kind === 'true_false' ? 2 : (question.options?.length ?? 2)
  const right = rightChoice(question)
  const knows = chance(random, Math.min(0.99, persona.skill + EASE[question.difficulty ?? 'medium']))
  const wrong = (right + 1 + below(random, options - 1)) % options
  const thoughtMs = 250 + persona.pace * (knows ? 700 : 1_000) * (0.4 + random() + random() * random())
  const slow = questionIndex % SLOW_EVERY === SLOW_EVERY - 1
  const kindDraw = random()
  // In a slow question one player is late in any case, however few there are.
  const chosen = slow && (questionIndex * 7) % players === persona.index
  const late = slow && (chosen || kindDraw < 0.04)
  const silent = slow && !late && kindDraw > 0.98
  const lateness = 60 + below(random, 300)
  return {
    kind: late ? 'late' : silent ? 'silent' : 'on-time',
    choice: knows ? right : wrong,
    delayMs: Math.round(late ? lateness : Math.min(LONGEST_THOUGHT_MS, thoughtMs)),
    via: persona.transport === 'ws' && chance(random, 0.7) ? 'ws' : 'http',
    again: chance(random, 0.08),
    changesMind: chance(random, 0.03),
  }
}
