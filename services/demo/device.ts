import type { Entry, Player, PublicQuestion, SessionSnapshot, Standing } from '#client'
import type { Measures, Observer } from './measures.ts'
import type { Thinking } from './thinking.ts'

/** What a player has been told, on whatever device, each the last word on it. */
export interface Seen {
  standing: Standing | undefined
  scoreUpdated: number | undefined
  top: readonly Entry[]
}

export interface DeviceDeps {
  readonly seen: Seen
  readonly thinking: Thinking
  readonly measures: Measures
  /** A question that may be answered now or soon. May come twice. */
  readonly onQuestion: (question: PublicQuestion) => void
}

/** Opens the stream of a player and passes on what it tells. Resolves with the first snapshot. */
export const openDevice = (player: Player, deps: DeviceDeps): Promise<SessionSnapshot> => {
  const { seen, thinking, measures, onQuestion } = deps
  let observer: Observer | undefined

  player.on('session.snapshot', ({ data }) => {
    observer ??= measures.observe(player.playerId)
    seen.top = data.leaderboard.top
    seen.standing = player.board.me ?? seen.standing
    const { status, pause, question } = data
    if (status === 'paused') thinking.paused()
    const isOpen = status === 'question_open' || (status === 'paused' && pause?.status === 'question_open')
    if (isOpen && question !== undefined && data.me?.answered.includes(question.questionId) === false)
      onQuestion(question)
  })
  player.on('session.paused', () => thinking.paused())
  player.on('session.resumed', ({ data }) => thinking.resumed(data.question))
  player.on('question.opened', ({ data }) => onQuestion(data))
  player.on('leaderboard.updated', ({ data }) => {
    observer?.frame(data)
    seen.top = data.top
    seen.standing = data.me ?? seen.standing
  })
  player.on('score.updated', ({ data }) => {
    seen.scoreUpdated = data.score
    measures.wasScored(player.playerId, data.questionId, data.points)
  })
  player.on('session.finished', ({ data }) => {
    seen.top = data.top
    seen.standing = data.me ?? seen.standing
  })
  // Never rejects.
  void player.ended.then(() => observer?.gone())
  return player.connect()
}
