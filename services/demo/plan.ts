import type { AnswerContent } from '#client'
import { contentFor, type Known, otherContent } from './content.ts'
import type { Persona } from './persona.ts'
import { below, chance, createRandom } from './random.ts'

/** What a player does about one question. */
export interface Plan {
  readonly kind: 'on-time' | 'late' | 'silent'
  readonly content: AnswerContent
  /** From the opening of the question, or from its end when late; a pause does not count. */
  readonly delayMs: number
  /** Over the WebSocket, if the device has one. */
  readonly via: 'ws' | 'http'
  /** Sends the same answer once more, as after a reply that was lost. */
  readonly again: boolean
  /** Then wants this instead, which is one answer too many. */
  readonly second: AnswerContent | undefined
  /** Tries to answer while the session is paused. */
  readonly impatient: boolean
}

/** A slow thinker of a quick question; keeps the demo short. */
const LONGEST_THOUGHT_MS = 2_400
/** Every fourth question some are late or say nothing, so that it closes by its timer; the others close when all have answered. */
const SLOW_EVERY = 4

const EASE = { easy: 0.14, medium: 0, hard: -0.16 } as const

/** The same for the same persona and question, whatever else happens. */
export const planFor = (persona: Persona, question: Known, questionIndex: number, players: number): Plan => {
  const random = createRandom(persona.seed, 'player', persona.index, 'question', questionIndex)
  const knows = chance(random, Math.min(0.99, persona.skill + EASE[question.difficulty ?? 'medium']))
  const thoughtMs = 250 + persona.pace * (knows ? 700 : 1_000) * (0.4 + random() + random() * random())
  const slow = questionIndex % SLOW_EVERY === SLOW_EVERY - 1
  const kindDraw = random()
  // In a slow question one player is late in any case, however few there are.
  const chosen = slow && (questionIndex * 7) % players === persona.index
  const late = slow && (chosen || kindDraw < 0.04)
  const silent = slow && !late && kindDraw > 0.98
  const lateness = 60 + below(random, 300)
  const content = contentFor(question, knows, random)
  return {
    kind: late ? 'late' : silent ? 'silent' : 'on-time',
    content,
    delayMs: Math.round(late ? lateness : Math.min(LONGEST_THOUGHT_MS, thoughtMs)),
    via: chance(random, 0.7) ? 'ws' : 'http',
    again: chance(random, 0.08),
    second: chance(random, 0.03) ? otherContent(question, content) : undefined,
    impatient: chance(random, 0.1),
  }
}
