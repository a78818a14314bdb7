import { METRICS } from '#platform/contract/names'
import type { Logger } from '#platform/logger'
import { isDataFault, type Pool, toUnavailable } from '#platform/pg'
import { noTelemetry, type Span } from '#platform/telemetry'
import { traced } from '#platform/telemetry/stores'
import { readBackStatement, recordStatement } from './ledger-statements.ts'
import type { Counted, Entry, Ledger, Progress, Recorded } from './score-answers.ts'

/** What both statements return: rows of several kinds, in any order, in one layout. Columns a kind has no use for are null. */
type ResultRow =
  | [
      kind: 'sums',
      sessionId: string,
      playerId: string,
      joinOrder: number,
      version: number,
      points: number,
      correctAnswers: number,
      correctMs: number,
      answered: string,
      correct: string,
    ]
  | [kind: 'question', sessionId: string, unused: null, index: number, answerCount: number]
  /** Rows that were new to the ledger. */
  | [kind: 'inserted', unused1: null, unused2: null, count: number]
  /** What the ledger holds of the answer at this 1-based place. */
  | [kind: 'answer', unused1: null, unused2: null, place: number, points: number, fullCredit: 0 | 1]

export const createPostgresLedger = (pool: Pool, logger: Logger, telemetry = noTelemetry()): Ledger => {
  const { metrics, tracing } = telemetry
  const rows = metrics.counter(METRICS.ledgerRows, 'recorded')
  const repeated = metrics.counter(METRICS.ledgerRows, 'repeated')

  const run = async (
    statement: { name: string; text: string },
    values: string[],
    span?: Span,
  ): Promise<ResultRow[]> => {
    try {
      return (await pool.query<ResultRow>({ ...statement, values, rowMode: 'array', ...traced(span) })).rows
    } catch (err) {
      throw isDataFault(err) ? err : toUnavailable(err)
    }
  }
  return {
    record: async (entries) => {
      const span = tracing.join(spansOf(entries))
      try {
        const { recorded, inserted } = toRecorded(await run(recordStatement, recordValues(entries), span), entries)
        rows.add(inserted)
        if (inserted === entries.length) return recorded
        repeated.add(entries.length - inserted)
        return toRecorded(await run(readBackStatement, readBackValues(entries), span), entries).recorded
      } catch (err) {
        if (!isDataFault(err)) throw err
        logger.warn({ err, entries: entries.length, ...span?.log }, 'the ledger refuses values of a batch')
        return 'refused'
      }
    },
  }
}

/** Neighbours come from one batch. */
const spansOf = (entries: readonly Entry[]): ReadonlySet<Span | undefined> => {
  const spans = new Set<Span | undefined>()
  let lastTerm: Entry['term'] | undefined
  for (const { term } of entries) {
    if (term === lastTerm) continue
    lastTerm = term
    spans.add(term.span)
  }
  return spans
}

const recordValues = (entries: readonly Entry[]): string[] => {
  const { terms, places } = distinctTerms(entries)
  const evaluations = entries.map(({ evaluation }) => evaluation)
  return [
    plainArray(terms.map(({ sessionId }) => sessionId)),
    plainArray(terms.map(({ question }) => question.questionId)),
    plainArray(terms.map(({ question }) => question.index)),
    plainArray(terms.map(({ questionCount }) => questionCount)),
    plainArray(terms.map(({ question }) => question.points)),
    plainArray(terms.map(({ question }) => question.timeLimitMs)),
    textArray(terms.map(({ rule }) => rule.name)),
    plainArray(terms.map(({ rule }) => rule.version)),
    plainArray(terms.map(({ rule }) => rule.streakBonus)),
    plainArray(places),
    plainArray(evaluations.map(({ playerId }) => playerId)),
    plainArray(evaluations.map(({ joinOrder }) => joinOrder)),
    textArray(evaluations.map(({ answerId }) => answerId)),
    textArray(evaluations.map(({ choices }) => plainArray(choices))),
    textArray(evaluations.map(({ text }) => text)),
    plainArray(evaluations.map(({ creditNumerator }) => creditNumerator)),
    plainArray(evaluations.map(({ creditDenominator }) => creditDenominator)),
    plainArray(evaluations.map(({ elapsedMs }) => elapsedMs)),
    plainArray(entries.map(({ points }) => points)),
    plainArray(evaluations.map(({ receivedAtMs }) => receivedAtMs)),
  ]
}

/** Each term once, however many batches brought it: the statement joins by it, and a second one would count twice. */
const distinctTerms = (entries: readonly Entry[]) => {
  const placeOf = new Map<string, number>()
  const terms: Entry['term'][] = []
  let lastTerm: Entry['term'] | undefined
  let lastPlace = 0
  const places = entries.map(({ term }) => {
    if (term === lastTerm) return lastPlace // neighbours come from one batch
    const key = `${term.sessionId}/${term.question.questionId}`
    const place = placeOf.get(key) ?? terms.push(term)
    placeOf.set(key, place)
    lastTerm = term
    lastPlace = place
    return place
  })
  return { terms, places }
}

const readBackValues = (entries: readonly Entry[]): string[] => [
  plainArray(entries.map(({ term }) => term.sessionId)),
  plainArray(entries.map(({ term }) => term.question.questionId)),
  plainArray(entries.map(({ term }) => term.question.index)),
  plainArray(entries.map(({ evaluation }) => evaluation.playerId)),
]

const toRecorded = (
  rows: readonly ResultRow[],
  entries: readonly Entry[],
): { readonly recorded: Recorded; readonly inserted: number } => {
  const sums: Recorded['sums'][number][] = []
  const progress: Progress[] = []
  const counted: Counted[] = entries.map(({ points, evaluation }) => ({
    points,
    correct: evaluation.creditNumerator === evaluation.creditDenominator,
  }))
  let inserted = 0
  for (const row of rows) {
    switch (row[0]) {
      case 'sums': {
        const [, sessionId, playerId, joinOrder, version, points, correctAnswers, correctMs, answered, correct] = row
        const added = { version, points, correctAnswers, correctMs, answered, correct }
        sums.push({ sessionId, playerId, joinOrder, ...added })
        break
      }
      case 'question':
        progress.push({ sessionId: row[1], questionIndex: row[3], answerCount: row[4] })
        break
      case 'inserted':
        inserted = row[3]
        break
      case 'answer':
        counted[row[3] - 1] = { points: row[4], correct: row[5] === 1 }
        break
      default:
        row satisfies never
    }
  }
  return { recorded: { counted, sums, progress }, inserted }
}

/**
 * Postgres array literals. The driver's own escape every element of every array; here it is known what the elements are, which
 * makes a batch several times cheaper. This one is for values whose text needs no quotes: numbers, booleans, UUIDs.
 */
const plainArray = (values: readonly (number | boolean | string)[]): string => `{${values.join(',')}}`

/** Of texts; undefined becomes NULL. Postgres cannot store U+0000, which becomes U+FFFD. */
const textArray = (values: readonly (string | undefined)[]): string =>
  `{${values.map((value) => (value === undefined ? 'NULL' : quote(value))).join(',')}}`

const quote = (value: string): string =>
  `"${value.replace(SPECIAL, (char) => (char === '\0' ? '\uFFFD' : `\\${char}`))}"`

const SPECIAL = /["\\\0]/g
