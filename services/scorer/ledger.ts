import {
  decodeAnswerId,
  encodeAnswerId,
  encodeContent,
  encodeCredit,
  encodeReceivedAt,
  encodeTiming,
} from '#platform/contract/codec/ledger-row'
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
      joinOrder: number,
      version: number,
      points: number,
      correctAnswers: number,
      correctMs: number,
      answered: string,
      correct: string,
    ]
  | [kind: 'question', sessionId: string, index: number, answerCount: number]
  /** Rows that were new to the ledger. */
  | [kind: 'inserted', unused: null, count: number]
  /** What the ledger holds of the answer at this 1-based place. */
  | [
      kind: 'answer',
      unused: null,
      place: number,
      points: number,
      fullCredit: 0 | 1,
      unused1: null,
      unused2: null,
      unused3: null,
      unused4: null,
      answerId: Buffer,
    ]

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
  const { terms, firstReceivedAt, places, distinct } = distinctAnswers(entries)
  const evaluations = distinct.map(({ evaluation }) => evaluation)
  return [
    plainArray(terms.map(({ sessionId }) => sessionId)),
    plainArray(terms.map(({ question }) => question.index)),
    plainArray(terms.map(({ questionCount }) => questionCount)),
    plainArray(terms.map(({ question }) => question.questionId)),
    plainArray(terms.map(({ question }) => question.points)),
    plainArray(terms.map(({ question }) => question.timeLimitMs)),
    textArray(terms.map(({ rule }) => rule.name)),
    plainArray(terms.map(({ rule }) => rule.version)),
    plainArray(terms.map(({ rule }) => rule.streakBonus)),
    plainArray(firstReceivedAt),
    plainArray(places),
    plainArray(evaluations.map(({ joinOrder }) => joinOrder)),
    plainArray(evaluations.map(({ answerId }) => `\\\\x${encodeAnswerId(answerId)}`)),
    textArray(evaluations.map(encodeContent)),
    plainArray(
      evaluations.map(({ creditNumerator, creditDenominator }) => encodeCredit(creditNumerator, creditDenominator)),
    ),
    plainArray(evaluations.map(({ elapsedMs, delayMs }) => encodeTiming(elapsedMs, delayMs))),
    plainArray(distinct.map(({ points }) => points)),
    plainArray(evaluations.map(({ receivedAtMs }) => encodeReceivedAt(receivedAtMs))),
  ]
}

/**
 * Each term and each answer once, however many batches brought them: the statement joins by them, and a second one would count
 * twice.
 */
const distinctAnswers = (entries: readonly Entry[]) => {
  const known = new Map<string, { readonly place: number; readonly players: Set<number> }>()
  const terms: Entry['term'][] = []
  const firstReceivedAt: number[] = []
  const places: number[] = []
  const distinct: Entry[] = []
  let lastTerm: Entry['term'] | undefined
  let last = { place: 0, players: new Set<number>() }
  for (const entry of entries) {
    const { term, evaluation } = entry
    // Neighbours come from one batch.
    if (term !== lastTerm) {
      const key = `${term.sessionId}/${term.question.index}`
      last = known.get(key) ?? { place: terms.push(term), players: new Set() }
      known.set(key, last)
      lastTerm = term
    }
    if (last.players.has(evaluation.joinOrder)) continue
    if (last.players.size === 0) firstReceivedAt.push(evaluation.receivedAtMs)
    last.players.add(evaluation.joinOrder)
    places.push(last.place)
    distinct.push(entry)
  }
  return { terms, firstReceivedAt, places, distinct }
}

const readBackValues = (entries: readonly Entry[]): string[] => [
  plainArray(entries.map(({ term }) => term.sessionId)),
  plainArray(entries.map(({ term }) => term.question.index)),
  plainArray(entries.map(({ evaluation }) => evaluation.joinOrder)),
]

const toRecorded = (
  rows: readonly ResultRow[],
  entries: readonly Entry[],
): { readonly recorded: Recorded; readonly inserted: number } => {
  const sums: Recorded['sums'][number][] = []
  const progress: Progress[] = []
  const counted: Counted[] = []
  /** Of each session, by join order. */
  const players = new Map<string, Map<number, string>>()
  for (const { term, points, evaluation } of entries) {
    const correct = evaluation.creditNumerator === evaluation.creditDenominator
    counted.push({ answerId: evaluation.answerId, points, correct })
    const ofSession = players.get(term.sessionId)
    if (ofSession === undefined) players.set(term.sessionId, new Map([[evaluation.joinOrder, evaluation.playerId]]))
    else ofSession.set(evaluation.joinOrder, evaluation.playerId)
  }
  let inserted = 0
  for (const row of rows) {
    switch (row[0]) {
      case 'sums': {
        const [, sessionId, joinOrder, version, points, correctAnswers, correctMs, answered, correct] = row
        const playerId = players.get(sessionId)?.get(joinOrder) ?? ''
        sums.push({ sessionId, playerId, joinOrder, version, points, correctAnswers, correctMs, answered, correct })
        break
      }
      case 'question':
        progress.push({ sessionId: row[1], questionIndex: row[2], answerCount: row[3] })
        break
      case 'inserted':
        inserted = row[2]
        break
      case 'answer':
        counted[row[2] - 1] = { answerId: decodeAnswerId(row[9]), points: row[3], correct: row[4] === 1 }
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

/** Of texts. Postgres cannot store U+0000, which becomes U+FFFD. */
const textArray = (values: readonly string[]): string => `{${values.map(quote).join(',')}}`

const quote = (value: string): string =>
  `"${value.replace(SPECIAL, (char) => (char === '\0' ? '\uFFFD' : `\\${char}`))}"`

const SPECIAL = /["\\\0]/g
