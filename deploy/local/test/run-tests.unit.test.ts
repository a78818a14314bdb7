import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { testFolder } from '../../../services/platform/test/support/folder.ts'

const runner = join(import.meta.dirname, '../run-tests.ts')

/** Runs planted test files; resolves with the exit code and what was printed. */
const run = async (t: Parameters<typeof testFolder>[0], sources: Readonly<Record<string, string>>) => {
  const folder = await testFolder(t)
  const paths = Object.keys(sources).map((name) => join(folder, `${name}.unit.test.ts`))
  for (const [name, source] of Object.entries(sources)) {
    await writeFile(join(folder, `${name}.unit.test.ts`), `import t from 'tap'\n${source}`)
  }
  const env = { PATH: process.env.PATH ?? '' }
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, [runner, ...paths], { env }, (error, stdout) =>
      resolve({ code: error === null ? 0 : 1, output: stdout }),
    )
  })
}

const sound = `t.test('adds', async (t) => { t.equal(1 + 1, 2) })`

t.test('every failure is printed once, with the names around it, and counted', async (t) => {
  const { code, output } = await run(t, {
    sound,
    wrong: `t.test('outer', async (t) => { await t.test('inner', async (t) => { t.equal(1, 2, 'sums') }) })`,
    thrown: `t.test('throws', async () => { throw new Error('on purpose') })`,
    skipped: `t.test('not here', { skip: 'no reason' }, async () => {})`,
  })
  t.equal(code, 1)
  t.match(output, /FAILED .*wrong\.unit\.test\.ts > outer > inner > sums\n(?=[\s\S]*\+1)/)
  t.match(output, /FAILED .*thrown\.unit\.test\.ts > throws > on purpose\n/)
  t.equal(output.match(/^FAILED/gm)?.length, 2)
  t.match(output, /\n1 passed, 2 failed, 1 skipped\n$/)
})

t.test('a file that cannot be loaded, or a process that ends early, is a failure', async (t) => {
  const broken = await run(t, { sound, broken: `import './missing.ts'\n${sound}` })
  t.equal(broken.code, 1)
  t.match(broken.output, /FAILED .*missing\.ts/)
  const gone = await run(t, { sound, gone: `t.test('leaves', async () => process.exit(0))` })
  t.equal(gone.code, 1)
  t.match(gone.output, /FAILED/)
})

t.test('tests that all pass end with success', async (t) => {
  const { code, output } = await run(t, { sound, other: sound })
  t.equal(code, 0)
  t.match(output, /\n2 passed, 0 failed\n$/)
})
