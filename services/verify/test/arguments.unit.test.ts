import t from 'tap'
import { readArguments, UsageError } from '../arguments.ts'

const SESSION = '00000000-0000-7000-8000-000000000000'
const env = { DATABASE_URL: 'postgres://ledger', REDIS_URL: 'redis://boards' }
const read = (...args: string[]) => readArguments(args, env, 'no file')

t.test('names sessions, or all since a time', async (t) => {
  t.match(read('--session', SESSION), { sessionIds: [SESSION], sources: { databaseUrl: 'postgres://ledger' } })
  t.match(read('--all', '--parallel', '3', '--wait', '2'), { sessionIds: undefined, waitMs: 2_000 })
  t.equal(read('--all', '--since', '2026-11-25T04:00Z').since?.toISOString(), '2026-11-25T04:00:00.000Z')
})

for (const [reason, ...args] of [
  ['no session is named', ''],
  ['an id is none', '--session', 'x'],
  ['an option is unknown', '--what'],
  ['a time to wait is no number', '--session', SESSION, '--wait', 'long'],
  ['a time is a word', '--all', '--since', 'yesterday'],
  ['a time is given for one session', '--session', SESSION, '--since', '2d'],
  ['nothing is done at a time', '--all', '--parallel', '0'],
  ['a number is a word', '--all', '--parallel', 'many'],
] as const) {
  t.test(`is refused with the usage when ${reason}`, async (t) => {
    t.throws(() => read(...args.filter((arg) => arg !== '')), UsageError)
  })
}

t.test('is refused without a ledger to read', async (t) => {
  t.throws(() => readArguments(['--all'], {}, 'no file'), /DATABASE_URL and REDIS_URL are needed/)
})
