import t from 'tap'
import { createPool } from '#platform/pg'
import { noTelemetry } from '#platform/telemetry'
import { testDatabase } from '../../../platform/test/support/postgres.ts'
import { silentLogger, testLifecycle } from '../../../platform/test/support/process.ts'
import { insertSession } from '../../../platform/test/support/session-rows.ts'
import { createDatabase } from '../../database.ts'
import { createOutboxTable } from '../../outbox/outbox.ts'
import { createSessionStore } from '../../sessions/session-store.ts'
import { testSessionStore } from '../support/store-contract.ts'

const { url } = await testDatabase(t)
const pool = createPool({ url, name: 'test', logger: silentLogger(), lifecycle: testLifecycle(t) })
const database = createDatabase(pool)
const { sessionId, questionIds } = await insertSession(url, { questions: [{}] })
const { rows } = await pool.query<{ quiz_id: string }>('SELECT quiz_id FROM sessions WHERE id = $1', [sessionId])

testSessionStore(t, {
  sessions: createSessionStore(database, noTelemetry().metrics),
  outbox: createOutboxTable(database),
  quizId: rows[0]?.quiz_id ?? '',
  questionId: questionIds[0] ?? '',
  inside: (work) => database.transaction(work),
})
