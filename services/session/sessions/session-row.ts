import type { Settings } from '../../game/session/settings.ts'
import type { SessionState } from '../../game/session/state.ts'
import type { Session } from '../ports.ts'

export interface SessionRow {
  readonly id: string
  readonly quiz_id: string
  readonly host_id: string
  readonly title: string
  readonly join_code: string
  readonly settings: Settings
  readonly state: SessionState
  readonly question_count: number
  readonly player_count: number
  readonly next_join_order: number
}

export const SESSION_COLUMNS =
  'id, quiz_id, host_id, title, join_code, settings, state, question_count, player_count, next_join_order'

export const sessionFromRow = (row: SessionRow): Session => ({
  sessionId: row.id,
  quizId: row.quiz_id,
  hostId: row.host_id,
  title: row.title,
  joinCode: row.join_code,
  settings: row.settings,
  questionCount: row.question_count,
  playerCount: row.player_count,
  nextJoinOrder: row.next_join_order,
  state: row.state,
})

/** Milliseconds since the epoch as a parameter of a timestamptz. */
export const timestamp = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms))
