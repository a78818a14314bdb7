import t from 'tap'
import type { AnswerOutcome } from '../src/index.ts'
import { codeOf, playedPlayer } from './support/played-player.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`

t.test(
  'every attempt carries the trace that the app gave for the answer, whatever way and run of the app it takes',
  async (t) => {
    const { world, start, connect } = await playedPlayer(t)
    let asked = 0
    const trace = () => {
      asked += 1
      return TRACEPARENT
    }
    world.isOnline = false
    await codeOf((await start({ trace })).answer('q', { choice: 1 }, { deadlineMs: 30, answerId: 'kept' }))
    world.isOnline = true
    const player = await start()
    t.match(await player.flush(), [{ answerId: 'kept', traceId: TRACE_ID, receipt: {} }])
    t.match(world.http, [{ answerId: 'kept', traceparent: TRACEPARENT }])

    const observed = await start({ trace })
    await connect(observed)
    await observed.answer('q2', { choice: 1 }, { attemptTimeoutMs: 30 })
    t.equal(world.overSocket[0]?.traceparent, TRACEPARENT)
    t.match(world.http.at(-1), { answerId: world.overSocket[0]?.data.answerId, traceparent: TRACEPARENT })
    t.equal(asked, 2, 'once for each answer')
  },
)

t.test('an app without a trace, or with a faulty one, sends none and its answer all the same', async (t) => {
  const { world, start } = await playedPlayer(t)
  const broken = () => {
    throw new Error('no tracer')
  }
  for (const trace of [undefined, () => undefined, broken, () => `${TRACEPARENT}\r\nx: y`, () => '']) {
    const player = await start(trace && { trace })
    const outcomes: AnswerOutcome[] = []
    player.onAnswer((outcome) => outcomes.push(outcome))
    await player.answer('q', { choice: 1 })
    t.notOk('traceId' in (outcomes[0] ?? {}))
  }
  t.equal(world.http.length, 5)
  t.ok(world.http.every(({ traceparent }) => traceparent === undefined))
})
