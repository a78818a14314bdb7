import { METRICS } from '#platform/contract/names'
import type { Logger } from '#platform/logger'
import { isDataFault, type Pool, toUnavailable } from '#platform/pg'
import { noTelemetry, type Span } from '#platform/telemetry'
import { traced } from '#platform/telemetry/pg-metrics'
import { plainArray, textArray } from './array-literal.ts'
import type { Entry, Ledger } from './ports.ts'
import { readBackStatement } from './read-back-statement.ts'
import { recordStatement } from './record-statement.ts'
import { type ResultRow, toRecorded } from './result-row.ts'

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
