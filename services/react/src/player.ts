import type { AnswerContent, AnswerOutcome, BoardState, Player, PodiumProblem } from '@podium/client'
import { useSyncExternalStore } from 'react'
import { type Connection, useBoard, useConnected, useConnection } from './stream.ts'

/** What became of an answer of this player. */
export interface OwnAnswer {
  /** Undefined for an answer of an earlier run of the app. */
  readonly content: AnswerContent | undefined
  /**
   * `sending`: on its way. `waiting`: kept, and sent again when the connection is back. `counted`: the server has stored it.
   * `refused`: it does not count, `problem` says why.
   */
  readonly state: 'sending' | 'waiting' | 'counted' | 'refused'
  readonly problem?: PodiumProblem | undefined
}

export interface PlayerView {
  readonly board: BoardState
  readonly connection: Connection
  /** By question id. */
  readonly answers: ReadonlyMap<string, OwnAnswer>
  /** Sends an answer; `answers` tells what becomes of it. */
  answer(questionId: string, content: AnswerContent): void
}

/**
 * Everything that a player's screen shows. Connects the player; the app closes it, with `player.close()` or `leave()`. Any number of
 * components may use the same player.
 */
export const usePlayer = (player: Player): PlayerView => {
  const answers = answersOf(player)
  useConnected(player)
  return {
    board: useBoard(player) ?? player.board,
    connection: useConnection(player),
    answers: useSyncExternalStore(answers.subscribe, answers.all, answers.all),
    answer: answers.answer,
  }
}

interface Answers {
  all(): ReadonlyMap<string, OwnAnswer>
  subscribe(onChange: () => void): () => void
  answer(questionId: string, content: AnswerContent): void
}

const known = new WeakMap<Player, Answers>()

const answersOf = (player: Player): Answers => {
  const answers = known.get(player) ?? createAnswers(player)
  known.set(player, answers)
  return answers
}

type Answering = Pick<Player, 'answer' | 'onAnswer'>

/** Own answers and what became of them. It listens for as long as the player lives: outcomes come when no screen looks. */
export const createAnswers = (player: Answering): Answers => {
  let all: ReadonlyMap<string, OwnAnswer> = new Map()
  const listeners = new Set<() => void>()
  const set = (questionId: string, answer: OwnAnswer): void => {
    all = new Map(all).set(questionId, answer)
    for (const listener of [...listeners]) listener()
  }
  player.onAnswer(({ questionId, receipt, problem }: AnswerOutcome) => {
    const before = all.get(questionId)
    // The first answer counts: a second one that was refused changes nothing.
    if (before?.state === 'counted') return
    set(questionId, { content: before?.content, state: receipt === undefined ? 'refused' : 'counted', problem })
  })
  return {
    all: () => all,
    subscribe: (onChange) => {
      listeners.add(onChange)
      return () => void listeners.delete(onChange)
    },
    answer: (questionId, content) => {
      const state = all.get(questionId)?.state
      if (state === 'sending' || state === 'counted') return
      set(questionId, { content, state: 'sending' })
      player.answer(questionId, content).catch((problem: PodiumProblem) => {
        // A decision came through `onAnswer`; anything else is tried again by the client.
        if (all.get(questionId)?.state === 'sending') set(questionId, { content, state: 'waiting', problem })
      })
    },
  }
}
