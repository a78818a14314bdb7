import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import t, { type Test } from 'tap'
import { eventually } from '../../../services/platform/test/support/eventually.ts'
import { testFolder } from '../../../services/platform/test/support/folder.ts'
import { projectRoot } from '../paths.ts'
import { processIdentity } from '../processes/identity.ts'
import { freePort } from '../processes/ports.ts'
import type { ProcessRecord } from '../processes/records.ts'

/** `make up` and `make down` as a shell runs them, in a folder of the test's own. */
const shell = async (t: Test, variables: Record<string, string> = {}) => {
  const dir = await testFolder(t)
  const env = { ...process.env, PODIUM_DIR: dir, EDGE_PORT: String(await freePort()), ...variables }
  const run = (script: string) =>
    new Promise<{ code: unknown; out: string }>((resolve) => {
      const path = join(projectRoot, 'deploy/local', script)
      execFile(process.execPath, [path], { env, cwd: '/', timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, out: stdout + stderr }),
      )
    })
  t.teardown(() => run('down.ts'))
  const records = (): ProcessRecord[] =>
    readdirSync(join(dir, 'pids'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(dir, 'pids', file), 'utf8')))
  return { dir, env, run, records }
}

const isAlive = ({ pid, identity }: ProcessRecord) => processIdentity(pid) === identity

/** What the README has readers paste. */
const quickStart = (): string => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8')
  return /paste this as a whole.*?```sh\n(.*?)```/s.exec(readme)?.[1] ?? 'exit 1'
}

t.test('up returns with a system that plays the quick start, and down with nothing left', async (t) => {
  const { dir, env, run, records } = await shell(t, { EDGES: '2' })
  const up = await run('up.ts')
  t.equal(up.code, 0, up.out)
  const urls = parseEnv(readFileSync(join(dir, 'env'), 'utf8'))
  t.match(up.out, `Edge      ${urls.EDGE_URL}`)
  t.equal((await fetch(`${urls.EDGE_URL}/readyz`)).status, 200)

  const again = await run('up.ts')
  t.match(again, { code: 0, out: /is up already/ })

  const { stdout } = await promisify(execFile)('sh', ['-c', quickStart()], {
    cwd: projectRoot,
    env: { ...env, NODE_OPTIONS: '' },
    timeout: 180_000,
  })
  for (const type of ['session.snapshot', 'question.closed', 'session.finished']) t.match(stdout, `event:${type}\n`)
  const results = JSON.parse(stdout.split('\n').findLast((line) => line.startsWith('{"sessionId"')) ?? '{}')
  t.match(results, { status: 'finished', players: [{ rank: 1, nickname: 'Grace', correctAnswers: 1 }] })

  const started = records()
  t.equal(started.length, 9, 'supervisor, three servers, pages, session, worker and two edges')
  const down = await run('down.ts')
  t.match(down, { code: 0, out: /Podium is down/ })
  t.strictSame(started.filter(isAlive), [])
  t.notOk(existsSync(join(dir, 'env')))
  t.match(await run('down.ts'), { code: 0, out: /is not up/ })
})

t.test('after a supervisor that was killed up works again, and so does down', async (t) => {
  const { run, records } = await shell(t)
  t.equal((await run('up.ts')).code, 0)
  const first = records()
  const supervisor = first.find(({ role }) => role === 'supervisor')
  process.kill(supervisor?.pid ?? 0, 'SIGKILL')
  await eventually(() => supervisor && !isAlive(supervisor), { what: 'the supervisor is gone' })
  const up = await run('up.ts')
  t.equal(up.code, 0, up.out)
  t.strictSame(first.filter(isAlive), [], 'nothing of the first run is left beside the second')
  t.equal((await run('down.ts')).code, 0)
  t.strictSame(records(), [])
})

t.test('up says that the port is taken, exits 1 and leaves nothing', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { run, records } = await shell(t, { EDGE_PORT: String(port) })
  t.match(await run('up.ts'), { code: 1, out: new RegExp(`port ${port} is taken.*EDGE_PORT`) })
  t.strictSame(records(), [])
})

t.test('up names every variable that makes no sense', async (t) => {
  const { run } = await shell(t, { EDGES: 'two', EDGE_PORT: '99999' })
  t.match(await run('up.ts'), { code: 1, out: /EDGE_PORT=99999[\s\S]*EDGES=two/ })
})
