import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createParseInWorker } from '../../../quizzes/import/parse-in-worker.ts'

/** Seconds of work for any reader of Markdown: emphasis that never ends, in every question. */
const expensive = `[markdown]${'*a_'.repeat(800)} {T}\n\n`.repeat(400)

t.test('a file is read beside the game: its questions, or why there are none', async (t) => {
  const parse = createParseInWorker()
  t.match(await parse('gift', 'Sure? {T}\n\nWrite. {}'), {
    ok: true,
    questions: [{ prompt: 'Sure?' }],
    skipped: [{ index: 1, reason: 'essay' }],
  })
  t.match(await parse('csv', 'a,b'), { ok: false, code: 'header' })
})

t.test('a file that takes too long is refused, and the timers of games run on meanwhile', async (t) => {
  const parse = createParseInWorker({ deadlineMs: 1_000 })
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, 20)
  await t.rejects(parse('gift', expensive), { code: 'malformed', errors: [{ code: 'too-expensive' }] })
  clearInterval(timer)
  t.ok(ticks >= 10, `${ticks} ticks`)
})

t.test('imports wait for their turn, and too many that wait are refused at once', async (t) => {
  const parse = createParseInWorker({ waiting: 1 })
  const first = parse('gift', 'One {T}')
  const second = parse('gift', 'Two {T}')
  await t.rejects(parse('gift', 'Three {T}'), { code: 'unavailable' })
  t.match(await Promise.all([first, second]), [{ ok: true }, { ok: true }])
  await sleep(0)
  t.match(await parse('gift', 'Four {T}'), { ok: true }, 'the place is free again')
})
