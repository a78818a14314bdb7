import t from 'tap'
import { newId } from '#platform/ids'
import { createPool } from '#platform/pg'
import { testDatabase } from '../../../platform/test/support/postgres.ts'
import { silentLogger, testLifecycle } from '../../../platform/test/support/process.ts'
import { createDatabase, type Query } from '../../database.ts'
import { createDoors } from '../../sessions/session-store.ts'

t.test('a code that never was costs what one costs whose session is over: the same statement, each time', async (t) => {
  const { url } = await testDatabase(t)
  const pool = createPool({ url, name: 'test', logger: silentLogger(), lifecycle: testLifecycle(t), max: 2 })
  const { query } = createDatabase(pool)
  const quizId = newId()
  await pool.query("INSERT INTO quizzes (id, host_id, title) VALUES ($1, 'h', 't')", [quizId])
  const insert = async (joinCode: string, status: string): Promise<string> => {
    const id = newId()
    const columns = 'id, quiz_id, host_id, title, join_code, state, status, epoch, settings, seed, question_count'
    const values = [id, quizId, joinCode, status]
    await pool.query(`INSERT INTO sessions (${columns}) VALUES ($1, $2, 'h', 't', $3, '{}', $4, 1, '{}', 1, 1)`, values)
    return id
  }
  await insert('AAAAAA', 'finished')
  const open = await insert('BBBBBB', 'lobby')
  const statements: string[] = []
  const watched: Query = (statement, values) => {
    statements.push(`${statement.text} ${values?.length}`)
    return query(statement, values)
  }
  const findDoor = createDoors(watched)
  const costOf = async (code: string) => {
    statements.length = 0
    const found = [await findDoor(code), await findDoor(code)].map((door) => door?.sessionId)
    return { found, statements: [...statements] }
  }
  const over = await costOf('AAAAAA')
  t.same(over.found, [undefined, undefined])
  t.equal(over.statements.length, 2, 'a miss is not remembered')
  t.same(await costOf('ZZZZZZ'), over)
  t.same((await costOf('BBBBBB')).found, [open, open])
})
