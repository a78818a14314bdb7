import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'

const main = new URL('../main.ts', import.meta.url).pathname

/** The demo as a process with a folder of its own for temporary files. */
const startDemo = (t: Test, env: Record<string, string>) => {
  const tmp = t.testdir({})
  const child = spawn(process.execPath, [main], { env: { ...process.env, TMPDIR: tmp, NO_COLOR: '1', ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  t.teardown(() => child.kill('SIGKILL'))
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, exit, output: () => output, left: () => readdirSync(tmp) }
}

const EVENTS = [
  /\* The host pauses in the middle of question 1: (\d\.\d s) left, no player can answer[\s\S]+resumes after 2\.0 s: still \1 left/,
  /\* .+ joins late, during question 1/,
  /\* .+ leaves with .+ points?/,
  /\* .+ leaves for good; .+ points? stay on the board/,
  /\* The host removes .+: off the board, and no way back in/,
  /\* .+ continues on another device; the server closes the first one/,
  /\* .+ is back on another device, with the same .+ points?/,
  /Question 2\/4 \(fill blank/,
  /Question 4\/4 \(multiple choice/,
]

t.test('a small quiz is played, verified and leaves nothing behind', { timeout: 90_000 }, async (t) => {
  const demo = startDemo(t, { PLAYERS: '8', QUESTIONS: '4' })
  t.equal(await demo.exit, 0, 'exit code', { output: demo.output() })
  t.match(demo.output(), /Podium\n {2}1\. /)
  t.match(demo.output(), /refused: question-closed/)
  t.match(demo.output(), /Verified: ledger = totals = progress = answers = board = edge = what 7 clients saw last/)
  const mistake = / {2}\d\. .+\n {5}answered {2}.+\n {5}right {5}.+\n {5}.+\n/
  t.match(demo.output(), new RegExp(`\nWhat .+ can learn, with \\d of 4 questions not right:\n${mistake.source}`))
  for (const event of EVENTS) t.match(demo.output(), event)
  t.strictSame(demo.left(), [])
})

t.test('interrupted in mid-game it stops everything and exits with 130', { timeout: 60_000 }, async (t) => {
  const demo = startDemo(t, { PLAYERS: '8', QUESTIONS: '4' })
  await eventually(() => demo.output().includes('Question 1/4'), {
    timeoutMs: 40_000,
    what: 'the first question opens',
  })
  demo.child.kill('SIGINT')
  t.equal(await demo.exit, 130, 'exit code', { output: demo.output() })
  t.strictSame(demo.left(), [])
})

t.test('a file that is no quiz is refused before anything starts', async (t) => {
  const demo = startDemo(t, { QUIZ: main })
  t.equal(await demo.exit, 2)
  t.match(demo.output(), /main\.ts cannot be read/)
})
