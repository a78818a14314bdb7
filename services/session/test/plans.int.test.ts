import t from 'tap'
import { createPool } from '#platform/pg'
import { noTelemetry } from '#platform/telemetry'
import { testDatabase } from '../../platform/test/support/postgres.ts'
import { silentLogger, testLifecycle } from '../../platform/test/support/process.ts'
import type { Database, Query } from '../database.ts'
import { createQuizStore } from '../quizzes/quiz-store.ts'
import { createOwnResultsStore } from '../results/own-results-store.ts'
import { createSessionStore } from '../sessions/session-store.ts'
import { fillLibrary } from './support/library-rows.ts'

const ROWS = 100_000
/** Tables whose rows grow with the sessions that were ever played. */
const LARGE = /^(?:quizzes|questions|sessions|session_questions|players|final_standings|question_progress|ledger_other)/

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly Plan[]
}

const nodes = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

t.test('no list and no change reads a whole table', async (t) => {
  const { url } = await testDatabase(t)
  const pool = createPool({ url, name: 'test', logger: silentLogger(), lifecycle: testLifecycle(t) })
  await fillLibrary(url, ROWS)

  let plans: Plan[] = []
  const explain: Query = async ({ text }, values = []) => {
    const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${text}`, [...values])
    plans.push(rows[0]['QUERY PLAN'][0].Plan)
    return []
  }
  const database: Database = { query: explain, transaction: (work) => work(explain) }
  const quizzes = createQuizStore(database)
  const sessions = createSessionStore(database, noTelemetry().metrics)
  const own = createOwnResultsStore(database)
  const { rows } = await pool.query(`SELECT s.id, s.quiz_id, p.id AS player_id, p.user_id
    FROM sessions s JOIN players p ON p.session_id = s.id OFFSET 777 LIMIT 1`)
  const { id: sessionId, quiz_id: quizId, player_id: playerId, user_id: userId } = rows[0]
  const before = { at: Date.parse('2026-01-01T12:00:00Z'), id: quizId }
  const page = { before, limit: 21 }
  const questions = [{ questionId: playerId, kind: 'true_false', prompt: '?', options: [], correct: true } as const]
  const change = { quizId, revision: 1, title: 'Quiz', updatedAt: 1, questions }

  const statements: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
    ['quizzes of a host', () => quizzes.ofHost({ hostId: 'host 7', words: [], tag: undefined, ...page })],
    ['a search that finds nothing', () => quizzes.ofHost({ hostId: 'host 7', words: ['none'], tag: 'none', ...page })],
    ['a quiz', () => quizzes.find(quizId)],
    ['a change', () => quizzes.replace(change)],
    ['sessions of a host', () => sessions.ofHost({ hostId: 'host 7', status: undefined, ...page })],
    ['sessions of a status', () => sessions.ofHost({ hostId: 'host 7', status: 'lobby', ...page })],
    ['players', () => sessions.players(sessionId, 1, 21)],
    ['an own player', () => own.player(sessionId, playerId)],
    ['own answers', () => own.answers(sessionId, 1)],
    ['answers to a question', () => own.answersTo(sessionId, 0)],
    ['standings', () => own.standings(sessionId)],
    ['history', () => own.played(userId, undefined, 21)],
    ['history from a place', () => own.played(userId, playerId, 21)],
    ['mistakes', () => own.mistakes({ userId, unscoredKinds: ['poll'], after: undefined, tag: 'tag 1', limit: 21 })],
    [
      'mistakes from a place',
      () => own.mistakes({ userId, unscoredKinds: ['poll'], after: { playerId, index: 0 }, tag: undefined, limit: 21 }),
    ],
  ]
  for (const [name, run] of statements) {
    plans = []
    await run()
    const all = plans.flatMap(nodes)
    t.ok(all.length > 0, `${name} has a plan`)
    const scans = all.filter((node) => node['Node Type'] === 'Seq Scan' && LARGE.test(node['Relation Name'] ?? ''))
    t.same(
      scans.map((node) => node['Relation Name']),
      [],
      name,
    )
  }
})
