import t from 'tap'
import { PodiumError } from '#platform/errors'
import { newId } from '#platform/ids'
import { noTracing } from '#platform/telemetry/tracing'
import type { ApplyOutcome } from '../../leaderboard/boards.ts'
import { silentLogger } from '../../platform/test/support/process.ts'
import type { SessionScores } from '../../scorer/score-answers.ts'
import { createHandOver } from '../hand-over.ts'

const scores = (): SessionScores => ({
  sessionId: newId(),
  totals: [],
  earned: [],
  progress: [],
  firstReceivedAtMs: 1,
  spans: new Set(),
})

/** Boards that do what `apply` says, and SCORES. */
const setUp = (apply: () => Promise<ApplyOutcome>, patienceMs = 60_000) => {
  const stored: SessionScores[] = []
  let asked = 0
  const handOver = createHandOver({
    apply: () => {
      asked += 1
      return apply()
    },
    store: async (sessions) => void stored.push(...sessions),
    tracing: noTracing,
    logger: silentLogger(),
    patienceMs,
  })
  return { handOver, stored, asked: () => asked }
}

t.test('boards get what was scored, and SCORES nothing', async (t) => {
  const { handOver, stored, asked } = setUp(async () => 'applied')
  await handOver.toBoards([scores(), scores()])
  t.equal(asked(), 2)
  t.same(stored, [])
})

t.test('what one board does not take goes to SCORES, until something of it has got to its board', async (t) => {
  let isThere = false
  const { handOver, stored, asked } = setUp(async () => {
    if (!isThere) throw new PodiumError('unavailable')
    return 'applied'
  })
  const [first, second, third] = [scores(), scores(), scores()]
  await handOver.toBoards([first])
  await handOver.toBoards([second])
  t.same(stored, [first, second])
  t.equal(asked(), 1, 'the boards are not asked again meanwhile')
  isThere = true
  handOver.isBack()
  await handOver.toBoards([third])
  t.same(stored, [first, second])
})

t.test('boards that do not answer hold up nothing', async (t) => {
  const { handOver, stored } = setUp(() => new Promise(() => undefined), 1)
  await handOver.toBoards([scores()])
  t.equal(stored.length, 1)
})

t.test('a board whose rebuild has to wait for Postgres goes to SCORES as well', async (t) => {
  const { handOver, stored } = setUp(async () => 'unavailable')
  await handOver.toBoards([scores()])
  t.equal(stored.length, 1)
})

t.test('what neither boards nor SCORES take is not acknowledged', async (t) => {
  const handOver = createHandOver({
    apply: async () => 'unavailable',
    store: () => Promise.reject(new PodiumError('unavailable')),
    tracing: noTracing,
    logger: silentLogger(),
  })
  await t.rejects(handOver.toBoards([scores()]), { code: 'unavailable' })
})
