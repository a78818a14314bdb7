import { setTimeout as sleep } from 'node:timers/promises'
import { type Entry, newAnswerId, type Player, PodiumProblem, type PublicQuestion, type Standing } from '#client'
import type { Attempt, Measures } from './measures.ts'
import { type Known, type Persona, type Plan, planFor } from './persona.ts'
import type { Tally } from './tally.ts'

/** What a client has been told about its own standing, each the last word on it. */
export interface LastSeen {
  readonly standing: Standing | undefined
  readonly scoreUpdated: number | undefined
  readonly top: readonly Entry[]
}

export interface Contestant {
  readonly persona: Persona
  readonly player: Player
  readonly lastSeen: () => LastSeen
  /** Resolves when nothing of this player is under way. */
  settled(): Promise<void>
}

export interface ContestantDeps {
  readonly persona: Persona
  readonly player: Player
  readonly players: number
  /** What there is to know, by question id. */
  readonly knowledge: ReadonlyMap<string, Known>
  readonly measures: Measures
  readonly answers: Tally
  readonly signal: AbortSignal
  /** An answer to this question was accepted for the first time. */
  readonly onAccepted: (questionId: string) => void
  /** Everything that no player should ever meet. */
  readonly onTrouble: (sentence: string) => void
}

/** Plays: listens to its stream, thinks, and answers as planned for it. */
export const createContestant = (deps: ContestantDeps): Contestant => {
  const { persona, player, knowledge, measures, answers, signal, onTrouble } = deps
  let standing: Standing | undefined
  let scoreUpdated: number | undefined
  let top: readonly Entry[] = []
  const underWay = new Set<Promise<void>>()

  const onTime = async (question: PublicQuestion, plan: Plan): Promise<void> => {
    await thinkUntil(question.opensAt + plan.delayMs)
    const before = Math.max(scoreUpdated ?? 0, standing?.score ?? 0)
    const attempt = measures.sending(persona.index, player.playerId, question.questionId, before)
    const answerId = newAnswerId()
    const receivedAt = await send(question, plan.choice, { via: plan.via, answerId, attempt })
    if (receivedAt === undefined) return
    if (plan.again) {
      answers.count('sent again')
      const again = await send(question, plan.choice, { via: plan.via === 'ws' ? 'http' : plan.via, answerId })
      if (again !== undefined && again !== receivedAt)
        onTrouble(`${persona.nickname}: the same answer counted as another`)
    }
    if (plan.changesMind) {
      const options = question.options?.length ?? 2
      await expectRefusal(question, (plan.choice + 1) % options, 'already-answered')
    }
  }

  /** The time of receipt, or undefined when it was refused. */
  const send = async (
    { questionId }: PublicQuestion,
    choice: number,
    how: { via: 'ws' | 'http'; answerId: string; attempt?: Attempt },
  ): Promise<number | undefined> => {
    answers.count('sent')
    try {
      const receipt = await player.answer(questionId, { choice }, { via: how.via, answerId: how.answerId })
      if (how.attempt !== undefined) {
        measures.wasAccepted(how.attempt)
        deps.onAccepted(questionId)
      }
      answers.count('accepted')
      return receipt.receivedAt
    } catch (error) {
      const code = error instanceof PodiumProblem ? error.code : String(error)
      answers.count(`refused: ${code}`)
      if (!signal.aborted) onTrouble(`${persona.nickname}: an answer in time was refused: ${code}`)
      return undefined
    }
  }

  const expectRefusal = async ({ questionId }: PublicQuestion, choice: number, expected: string): Promise<void> => {
    answers.count('sent')
    try {
      await player.answer(questionId, { choice })
      answers.count('accepted')
      onTrouble(`${persona.nickname}: an answer that must be refused with ${expected} was accepted`)
    } catch (error) {
      const code = error instanceof PodiumProblem ? error.code : String(error)
      answers.count(`refused: ${code}`)
      if (code !== expected && !signal.aborted) onTrouble(`${persona.nickname}: refused with ${code}, not ${expected}`)
    }
  }

  const thinkUntil = async (at: number): Promise<void> => {
    await sleep(Math.max(0, at - player.serverNow()), undefined, { signal })
  }

  const play = async (question: PublicQuestion): Promise<void> => {
    const known = knowledge.get(question.questionId)
    if (known === undefined) {
      onTrouble(`${persona.nickname}: got a question that is not in the quiz`)
      return
    }
    const plan = planFor(persona, known, question.index, deps.players)
    if (plan.kind === 'silent') return
    if (plan.kind === 'on-time') return onTime(question, plan)
    await thinkUntil(question.closesAt + plan.delayMs)
    await expectRefusal(question, plan.choice, 'question-closed')
  }

  player.on('question.opened', ({ data }) => {
    const done = play(data)
      .catch((error: unknown) => {
        if (!signal.aborted) onTrouble(`${persona.nickname}: ${error}`)
      })
      .finally(() => underWay.delete(done))
    underWay.add(done)
  })
  player.on('leaderboard.updated', ({ data }) => {
    measures.frame(persona.index, player.playerId, data)
    top = data.top
    standing = data.me ?? standing
  })
  player.on('score.updated', ({ data }) => {
    scoreUpdated = data.score
    measures.wasScored(player.playerId, data.questionId, data.points)
  })
  player.on('session.finished', ({ data }) => {
    top = data.top
    standing = data.me ?? standing
  })

  return {
    persona,
    player,
    lastSeen: () => ({ standing, scoreUpdated, top }),
    settled: async () => {
      await Promise.all(underWay)
    },
  }
}
