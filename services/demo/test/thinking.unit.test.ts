import { performance } from 'node:perf_hooks'
import t from 'tap'
import type { PublicQuestion } from '#client'
import { createThinking } from '../thinking.ts'

const questionAt = (opensAt: number, closesAt: number): PublicQuestion => ({
  questionId: 'q',
  index: 0,
  count: 1,
  kind: 'true_false',
  prompt: '?',
  points: 1_000,
  timeLimitMs: 1_000,
  opensAt,
  closesAt,
})

/** The server's clock is that of the process, from 0. */
const setUp = () => {
  const start = performance.now()
  const now = () => performance.now() - start
  const abort = new AbortController()
  return { now, abort, thinking: createThinking(now, abort.signal) }
}
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

t.test('without a pause it is over at its time', async (t) => {
  const { thinking, now } = setUp()
  await thinking.until(questionAt(0, 1_000), -950)
  t.ok(now() >= 48)
  await thinking.until(questionAt(0, 1_000), -950)
  await thinking.over()
})

t.test('in a pause time stands still: what was left is left afterwards', async (t) => {
  const { thinking, now } = setUp()
  let pauses = 0
  let isOver = false
  const thought = thinking
    .until(questionAt(0, 1_000), -900, () => {
      pauses += 1
    })
    .then(() => {
      isOver = true
    })
  await soon(20)
  thinking.paused()
  thinking.paused()
  await soon(150)
  t.notOk(isOver, 'not while it is paused')
  t.equal(pauses, 1)
  // 980 ms were left of the question, and 80 of the thought.
  const again = now()
  thinking.resumed(questionAt(again, again + 980))
  await thinking.over()
  await thought
  t.ok(now() - again >= 78)
})

t.test('the end of a question moves with it; another question is none of its business', async (t) => {
  const { thinking, now } = setUp()
  thinking.resumed({ ...questionAt(0, 60_000), questionId: 'another' })
  await thinking.until(questionAt(0, 20), 10)
  t.ok(now() >= 28)
  thinking.resumed(undefined)
  await thinking.until(questionAt(0, 20), 10)
})

t.test('aborted it rejects', async (t) => {
  const { thinking, abort } = setUp()
  const thought = thinking.until(questionAt(0, 60_000), 0)
  abort.abort()
  await t.rejects(thought, { name: 'AbortError' })
})
