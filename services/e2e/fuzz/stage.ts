import { setTimeout as sleep } from 'node:timers/promises'
import type { Target, TargetGame } from '../target.ts'
import type { Random } from './random.ts'
import type { Words } from './words.ts'

/** The games in which a run takes place; they are replaced from time to time, because things happen to them. */
export interface Stage {
  words(random: Random): Words
  /** Sessions that have been played in so far. */
  readonly sessions: readonly string[]
  /** Replaces games until it is stopped. */
  keepUp(isOver: () => boolean): Promise<void>
}

const PLAYERS = 20
/** A game whose host the attackers have a token of does not live long. */
const WILD_MS = 2_000
const CALM_MS = 6_000

interface Scene {
  readonly game: TargetGame
  readonly players: readonly { readonly playerId: string; readonly token: string }[]
  readonly questionId: string
}

const open = async (target: Target): Promise<Scene> => {
  const game = await target.game({ settings: { maxParticipants: 1_000, access: 'guests' } })
  const players = await Promise.all(Array.from({ length: PLAYERS }, () => game.join()))
  const { questionId } = await game.start()
  return { game, players, questionId }
}

export const createStage = async (target: Target): Promise<Stage> => {
  const rival = await target.token('Rival', ['host'])
  const user = await target.token('Stage')
  const other = await open(target)
  let calm = await open(target)
  let wild = await open(target)
  const sessions = [other, calm, wild].map(({ game }) => game.sessionId)

  const words = (random: Random): Words => {
    const isWild = random.chance(0.5)
    const { game, players, questionId } = isWild ? wild : calm
    const player = random.pick(players)
    return {
      '<session>': game.sessionId,
      '<code>': game.joinCode,
      '<other-session>': other.game.sessionId,
      '<quiz>': game.quizId,
      '<question>': questionId,
      '<old-question>': other.questionId,
      '<player-id>': isWild ? (random.pick(players)?.playerId ?? '') : (other.players[0]?.playerId ?? ''),
      '<host>': isWild ? game.hostToken : rival,
      '<player>': player?.token ?? '',
      '<other-player>': other.players[0]?.token ?? '',
      '<user>': user,
      '<rival>': rival,
    }
  }

  return {
    words,
    sessions,
    keepUp: async (isOver) => {
      let calmUntil = performance.now() + CALM_MS
      while (!isOver()) {
        await sleep(WILD_MS)
        if (isOver()) return
        wild = await open(target)
        sessions.push(wild.game.sessionId)
        if (performance.now() < calmUntil) continue
        calm = await open(target)
        sessions.push(calm.game.sessionId)
        calmUntil = performance.now() + CALM_MS
      }
    },
  }
}
