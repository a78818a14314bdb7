import type { Media } from '../../game/media.ts'
import type { OptionMedia } from '../../game/question.ts'
import type { SessionQuestion } from '../../game/session/prepare-questions.ts'
import { type Query, sql } from '../database.ts'
import { mediaFromRow } from '../quizzes/quiz-store.ts'

/** A question with all that players may come to see of it; options as shown. */
export interface ShownQuestion extends SessionQuestion {
  /** Of the rule by which the session compares texts. */
  readonly textVersion: number
  readonly prompt: string
  readonly options: readonly string[]
  readonly explanation: string | undefined
  readonly media: Media | undefined
  /** By the index of the option as shown. */
  readonly optionMedia: OptionMedia | undefined
}

const SHOWN_QUESTIONS = sql(
  'shown-questions',
  `SELECT sq.index, sq.question_id, sq.kind, sq.option_order, sq.key, sq.points, sq.time_limit_ms,
          q.prompt, q.options, q.explanation, q.media_url, q.media, q.option_media, s.text_version
     FROM session_questions sq
     JOIN sessions s ON s.id = sq.session_id
     JOIN questions q ON q.id = sq.question_id
    WHERE sq.session_id = $1 AND sq.index = ANY ($2::integer[])
    ORDER BY sq.index`,
)

export interface ShownQuestionRow {
  readonly index: number
  readonly question_id: string
  readonly kind: SessionQuestion['kind']
  readonly option_order: readonly number[]
  readonly key: SessionQuestion['key']
  readonly points: number
  readonly time_limit_ms: number
  readonly prompt: string
  readonly options: readonly string[]
  readonly explanation: string | null
  readonly media_url: string | null
  readonly media: Media | null
  readonly option_media: OptionMedia | null
  readonly text_version: number
}

/** Questions that are kept in mind: those of a few hundred live sessions. They never change. */
const MAX_KNOWN = 5_000

export type ShownQuestions = (
  query: Query,
  sessionId: string,
  indexes: readonly number[],
) => Promise<readonly ShownQuestion[]>

/** Questions of a session by their place in the order of play; each is read once while it matters. */
export const createShownQuestions = (): ShownQuestions => {
  const known = new Map<string, ShownQuestion>()
  return async (query, sessionId, indexes) => {
    const keyOf = (index: number): string => `${sessionId}:${index}`
    const missing = indexes.filter((index) => !known.has(keyOf(index)))
    const read = missing.length === 0 ? [] : await readQuestions(query, sessionId, missing)
    const found = [...indexes.flatMap((index) => known.get(keyOf(index)) ?? []), ...read]
    // A whole quiz, read for its results, would evict those of other sessions.
    if (read.length < MAX_KNOWN / 100) for (const question of read) known.set(keyOf(question.index), question)
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN) break
      known.delete(oldest)
    }
    return found.toSorted((a, b) => a.index - b.index)
  }
}

const readQuestions = async (
  query: Query,
  sessionId: string,
  indexes: readonly number[],
): Promise<readonly ShownQuestion[]> => {
  const rows = await query<ShownQuestionRow>(SHOWN_QUESTIONS, [sessionId, indexes])
  return rows.map(shownQuestionFromRow)
}

export const shownQuestionFromRow = (row: ShownQuestionRow): ShownQuestion => ({
  index: row.index,
  questionId: row.question_id,
  kind: row.kind,
  optionOrder: row.option_order,
  key: row.key,
  points: row.points,
  timeLimitMs: row.time_limit_ms,
  prompt: row.prompt,
  options: row.option_order.map((option) => row.options[option] ?? ''),
  explanation: row.explanation ?? undefined,
  media: mediaFromRow(row),
  optionMedia: shownOptionMedia(row),
  textVersion: row.text_version,
})

const shownOptionMedia = ({ option_media, option_order }: ShownQuestionRow): OptionMedia | undefined => {
  if (option_media === null) return undefined
  const shown = option_order.flatMap((option, place) => {
    const media = option_media[option]
    return media === undefined ? [] : [[place, media] as const]
  })
  return Object.fromEntries(shown)
}
