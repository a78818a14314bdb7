import t from 'tap'
import { newId } from '#platform/ids'
import { createMemoryDatabase, directConnection } from '../support/memory-stores.ts'
import { testSessionStore } from '../support/store-contract.ts'

const database = createMemoryDatabase(() => 0)

testSessionStore(t, {
  sessions: database.sessionStore(directConnection),
  outbox: database.outboxTable(directConnection),
  quizId: newId(),
  questionId: newId(),
  inside: (work) => work(() => Promise.reject(new Error('there is no Postgres'))),
})
