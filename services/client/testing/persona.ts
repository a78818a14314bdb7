import type { AnswerContent, Option } from '../src/index.ts'
import { contentFor, type Known, otherContent } from './answer-content.ts'
import { around, below, chance, createRandom, shuffled } from './random.ts'

/** Who a simulated player is. */
export interface Persona {
  readonly index: number
  readonly nickname: string
  /** 0 knows nothing, 1 everything. */
  readonly skill: number
  /** 1 thinks as long as most. */
  readonly pace: number
  /** Of the first device. */
  readonly transport: 'ws' | 'sse'
  readonly seed: string
}

/** The same seed gives the same personas. */
export const personasOf = (count: number, seed: string): Persona[] =>
  nicknamesOf(count, seed).map((nickname, index) => {
    const random = createRandom(seed, 'player', index)
    return {
      index,
      nickname,
      seed,
      skill: Math.min(0.98, Math.max(0.2, around(random, 0.66, 0.17))),
      pace: Math.max(0.4, around(random, 1, 0.25)),
      transport: chance(random, 0.5) ? 'ws' : 'sse',
    }
  })

/** What a player does about one question. */
export interface AnswerPlan {
  readonly kind: 'on-time' | 'late' | 'silent'
  readonly content: AnswerContent
  /** From the opening of the question, or from its end when late; a pause does not count. */
  readonly delayMs: number
  /** Over the WebSocket, if the device has one. */
  readonly via: 'ws' | 'http'
  /** Sends the same answer once more, as after a reply that was lost. */
  readonly again: boolean
  /** Then sends this instead, which is one answer too many. */
  readonly second: AnswerContent | undefined
  /** Tries to answer while the session is paused. */
  readonly impatient: boolean
}

/** Upper bound of the reaction time; keeps a game short. */
const MAX_THINKING_MS = 2_400
/** In every fourth question some are late or silent, so that it closes by its timer; the others close when all have answered. */
const SLOW_EVERY = 4

const EASE = { easy: 0.14, medium: 0, hard: -0.16 } as const

/** The same for the same persona and question, whatever else happens. */
export const planFor = (
  persona: Persona,
  question: Known,
  questionIndex: number,
  players: number,
  shown?: readonly Option[],
): AnswerPlan => {
  const random = createRandom(persona.seed, 'player', persona.index, 'question', questionIndex)
  const knows = chance(random, Math.min(0.99, persona.skill + EASE[question.difficulty ?? 'medium']))
  const thinkingMs = 250 + persona.pace * (knows ? 700 : 1_000) * (0.4 + random() + random() * random())
  const slow = questionIndex % SLOW_EVERY === SLOW_EVERY - 1
  const draw = random()
  // In a slow question one player is late in any case, however few there are.
  const chosen = slow && (questionIndex * 7) % players === persona.index
  const late = slow && (chosen || draw < 0.04)
  const silent = slow && !late && draw > 0.98
  const lateness = 60 + below(random, 300)
  const content = contentFor(question, knows, random, shown)
  return {
    kind: late ? 'late' : silent ? 'silent' : 'on-time',
    content,
    delayMs: Math.round(late ? lateness : Math.min(MAX_THINKING_MS, thinkingMs)),
    via: chance(random, 0.7) ? 'ws' : 'http',
    again: chance(random, 0.08),
    second: chance(random, 0.03) ? otherContent(question, content) : undefined,
    impatient: chance(random, 0.1),
  }
}

const NAMES =
  `Aisha Alejandro Amara Amélie Anton Arjun Astrid Beatriz Björn Camille Carlos Chiara Chloé Daan Dagny Darius Diego
Dimitri Eleni Elif Emeka Emre Esther Fatima Felix Finn Freya Gabriel Giulia Grace Greta Hana Haruto Hassan Hugo Ida Ines
Ingrid Isla Ivan Jakub Jana Jasper Jin João Jonas Juana Kai Kasia Kenji Khadija Lars Layla Leila Lena Leo Liam Lina Linh
Lotte Luca Lucía Luka Maja Malik Marek Maria Mateo Maya Mei Mia Milan Mina Mohamed Nadia Naomi Nico Nils Nina Noah Noor Olga
Oliver Omar Pablo Petra Priya Quinn Rafael Ravi Rosa Sakura Samir Sanna Santiago Sara Sofia Soren Stella Tariq Teo Tomás
Uma Valentina Viktor Wanda Yara Yuki Yusuf Zara Zoë`.split(/\s+/)

const INITIALS = 'ABCDEFGHIJKLMNOPRSTVWZ'

/** Different nicknames, the same for the same seed. */
const nicknamesOf = (count: number, seed: string): string[] => {
  const names = shuffled(createRandom(seed, 'nicknames'), NAMES)
  return Array.from({ length: count }, (_, index) => {
    const name = names[index % names.length] ?? 'Player'
    const round = Math.floor(index / names.length)
    if (round === 0) return name
    const initial = INITIALS[(round - 1) % INITIALS.length]
    const again = Math.floor((round - 1) / INITIALS.length)
    return again === 0 ? `${name} ${initial}.` : `${name} ${initial}. ${again + 1}`
  })
}
