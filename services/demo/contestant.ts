import { type JoinOptions, newAnswerId, type Player, type PublicQuestion, type SessionSnapshot } from '#client'
import type { Known } from '../client/testing/answer-content.ts'
import type { Persona } from '../client/testing/persona.ts'
import { planFor } from '../client/testing/persona.ts'
import { type AnsweringDeps, createAnswering, problemOf } from './answering.ts'
import { openDevice, type Seen } from './device.ts'
import type { Script } from './script.ts'
import { createThinking } from './thinking.ts'

export interface Contestant {
  readonly persona: Persona
  readonly playerId: string
  readonly presence: () => 'in' | 'left' | 'removed'
  /** How this player came back, if it did. */
  readonly returned: () => 'after leaving' | 'on another device' | undefined
  readonly transport: () => 'ws' | 'sse'
  /** Answers that were accepted, each counted once. */
  readonly accepted: () => number
  readonly lastSeen: () => Readonly<Seen>
  leave(): Promise<void>
  /** Comes in again after leaving, on another device. */
  comeBack(): Promise<void>
  /** Goes on on another device while the first one is connected. */
  changeDevice(): Promise<void>
  /** The host has removed this player: finds out what that means. */
  isRemoved(): Promise<void>
  /** Resolves when nothing of this player is under way. */
  settled(): Promise<void>
  close(): void
}

export interface ContestantDeps
  extends Pick<AnsweringDeps, 'measures' | 'answers' | 'signal' | 'onAccepted' | 'onTrouble'> {
  readonly persona: Persona
  readonly players: number
  readonly script: Script
  /** What there is to know, by question id. */
  readonly knowledge: ReadonlyMap<string, Known>
  readonly enter: (options: JoinOptions) => Promise<Player>
}

/** For the server to tell and close a connection. */
const NOTICE_MS = 5_000

/** Joins, listens, thinks, and answers as planned for it. */
export const createContestant = async (deps: ContestantDeps): Promise<Contestant> => {
  const { persona, players, script, knowledge, measures, signal, onTrouble, enter } = deps
  const { nickname } = persona
  const seen: Seen = { standing: undefined, scoreUpdated: undefined, top: [] }
  const underWay = new Set<Promise<void>>()
  const met = new Set<string>()
  let presence: 'in' | 'left' | 'removed' = 'in'
  let returned: 'after leaving' | 'on another device' | undefined
  let player = await enter({ transport: persona.transport })
  const score = () => Math.max(seen.scoreUpdated ?? 0, seen.standing?.score ?? 0)
  const thinking = createThinking(() => player.serverNow(), signal)
  const answering = createAnswering({ ...deps, nickname, player: () => player, score })
  const expect = (what: string, expected: unknown, found: unknown): void => {
    if (expected !== found && !signal.aborted) onTrouble(`${nickname}: ${what} should be ${expected} and was ${found}`)
  }

  const play = async (question: PublicQuestion): Promise<void> => {
    const known = knowledge.get(question.questionId)
    if (known === undefined) return onTrouble(`${nickname}: got a question that is not in the quiz`)
    const plan = script.adapt(planFor(persona, known, question.index, players), persona.index, question.index)
    if (plan.kind === 'silent') return
    const sheet = { questionId: question.questionId, answerId: newAnswerId(), content: plan.content, via: plan.via }
    if (plan.kind === 'late') {
      await thinking.until(question, plan.delayMs)
      return answering.refused(sheet, 'question-closed')
    }
    const onPause = () => {
      if (plan.impatient) track(answering.refused(sheet, 'session-paused'))
    }
    // Who walks in late begins to think then.
    const begin = Math.max(question.opensAt, player.serverNow())
    await thinking.until(question, begin + plan.delayMs - question.closesAt, onPause)
    let result = await answering.first(sheet)
    if (result === 'paused') {
      await thinking.over()
      await thinking.until(question, begin + plan.delayMs - question.closesAt)
      result = await answering.first(sheet)
    }
    if (typeof result !== 'number') return
    if (plan.again) await answering.again(sheet, result)
    if (plan.second !== undefined) await answering.refused({ ...sheet, content: plan.second }, 'already-answered')
  }

  const track = (work: Promise<void>): void => {
    const done = work
      .catch((error: unknown) => {
        if (!signal.aborted) onTrouble(`${nickname}: ${error}`)
      })
      .finally(() => underWay.delete(done))
    underWay.add(done)
  }

  const onQuestion = (question: PublicQuestion): void => {
    if (met.has(question.questionId)) return
    met.add(question.questionId)
    track(play(question))
  }

  const open = (next: Player): Promise<SessionSnapshot> => {
    player = next
    return openDevice(next, { seen, thinking, measures, onQuestion })
  }

  /** One player before and after: the same id, points and answers. */
  const resume = async (): Promise<void> => {
    const [{ playerId }, points] = [player, score()]
    const next = await enter({ resume: true, transport: player.transport === 'ws' ? 'sse' : 'ws' })
    const { me } = await open(next)
    expect('the player id after coming back', playerId, next.playerId)
    expect('the score after coming back', points, me?.score)
    expect('the number of answers after coming back', answering.accepted, me?.answered.length)
  }

  await open(player)

  return {
    persona,
    playerId: player.playerId,
    presence: () => presence,
    returned: () => returned,
    transport: () => player.transport,
    accepted: () => answering.accepted,
    lastSeen: () => seen,
    leave: async () => {
      presence = 'left'
      await player.leave()
    },
    comeBack: async () => {
      await resume()
      presence = 'in'
      returned = 'after leaving'
    },
    changeDevice: async () => {
      const old = player
      await resume()
      returned = 'on another device'
      expect('the end of the first device', 'player-replaced', await endOf(old))
    },
    isRemoved: async () => {
      presence = 'removed'
      expect('the end of the stream', 'player-removed', await endOf(player))
      expect('the answer to the old token', 'unauthorized', await problemOf(player.state(), NOTICE_MS))
      expect('the answer to another join', 'forbidden', await problemOf(enter({}), NOTICE_MS))
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () => player.close(),
  }
}

/** Why the server ended a stream, by its code. */
const endOf = (player: Player): Promise<string | undefined> =>
  problemOf(
    player.ended.then((problem) => {
      if (problem !== undefined) throw problem
    }),
    NOTICE_MS,
  )
