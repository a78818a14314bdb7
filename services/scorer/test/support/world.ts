import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import pg from 'pg'
import { EvaluationBatchesSchema, EvaluationBatchSchema } from '#gen/evaluation_pb'
import { EarnedBatchSchema, type EarnedPoints, ScoreBatchesSchema, ScoreBatchSchema } from '#gen/score_pb'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { connectBus } from '../../../platform/test/support/bus.ts'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { startNats } from '../../../platform/test/support/nats.ts'
import type { TestContext } from '../../../platform/test/support/server.ts'
import type { EvaluatedBatch } from '../../score-answers.ts'

export interface TotalsRow {
  readonly join_order: number
  readonly version: number
  readonly points: number
  readonly correct_answers: number
  readonly correct_ms: number
  readonly answered: string
  readonly correct: string
}

/** NATS of the test's own, and what a scorer reads and writes. */
export const createWorld = async (t: TestContext, databaseUrl: string) => {
  const nats = await startNats(t, { streams: true })
  const bus = await connectBus(t, nats.url)

  const query = async <R extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<R[]> => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
    await client.connect()
    try {
      return (await client.query<R>(sql, values)).rows
    } finally {
      await client.end()
    }
  }

  return {
    urls: { nats: nats.url, postgres: databaseUrl },
    bus,
    publish: async (batch: EvaluatedBatch): Promise<void> => {
      const payload = toBinary(EvaluationBatchSchema, toMessage(batch))
      await bus.publisher.publish(subjects.evaluation(batch.sessionId), payload)
    },
    publishTogether: async (batches: readonly EvaluatedBatch[]): Promise<void> => {
      const message = create(EvaluationBatchesSchema, { batches: batches.map(toMessage) })
      await bus.publisher.publish(subjects.evaluations, toBinary(EvaluationBatchesSchema, message))
    },
    ledgerRows: async (sessionId: string): Promise<number> =>
      (await query('SELECT 1 FROM ledger WHERE session_id = $1', [sessionId])).length,
    totals: (sessionId: string): Promise<TotalsRow[]> =>
      query(
        `SELECT join_order, version, points, correct_answers, correct_ms::int, answered::text, correct::text
         FROM totals WHERE session_id = $1 ORDER BY join_order`,
        [sessionId],
      ),
    /** The newest totals of each player that were published, by order of joining. */
    published: async (sessionId: string) => {
      const alone = await bus.payloads(streams.scores, subjects.score(sessionId))
      const shared = await bus.payloads(streams.scores, subjects.scores)
      const batches = [
        ...alone.map((payload) => fromBinary(ScoreBatchSchema, payload)),
        ...shared.flatMap((payload) => fromBinary(ScoreBatchesSchema, payload).batches),
      ]
      const totals = batches.flatMap((batch) => (batch.sessionId === sessionId ? batch.totals : []))
      const newest = new Map(totals.toSorted((a, b) => a.version - b.version).map((total) => [total.playerId, total]))
      return [...newest.values()].toSorted((a, b) => a.joinOrder - b.joinOrder)
    },
    /** What edges with clients of the session get from now on. */
    earned: (sessionId: string): readonly EarnedPoints[] => {
      const earned: EarnedPoints[] = []
      bus.nc.subscribe(subjects.earned(sessionId), {
        callback: (err, { data }) => {
          if (err !== null) throw err
          earned.push(...fromBinary(EarnedBatchSchema, data).answers)
        },
      })
      return earned
    },
    settled: (timeoutMs = 15_000): Promise<boolean> =>
      eventually(async () => (await bus.pending(streams.evaluations, durables.scorer)) === 0, {
        timeoutMs,
        what: 'every evaluation is acknowledged',
      }),
  }
}

const toMessage = ({ rule, questions, evaluations, ...batch }: EvaluatedBatch) => ({
  $typeName: 'podium.v1.EvaluationBatch' as const,
  ...batch,
  rule: { $typeName: 'podium.v1.ScoringRule' as const, ...rule, unscored: [...(rule.unscored ?? [])] },
  questions: questions.map((question) => ({ $typeName: 'podium.v1.QuestionTerms' as const, ...question })),
  evaluations: evaluations.map(({ text, choices, ...evaluation }) => ({
    $typeName: 'podium.v1.Evaluation' as const,
    ...evaluation,
    choices: [...choices],
    ...(text !== undefined && { text }),
  })),
})
