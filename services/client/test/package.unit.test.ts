import { execFile } from 'node:child_process'
import { cpSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const source = join(root, 'services/client')
const tsc = join(root, 'node_modules/.bin/tsc')
const MAX_BYTES = 42_000

const APP = `
import { createClient, EMPTY_BOARD, evolveBoard, PodiumProblem } from '@podium/client'

const board = evolveBoard(EMPTY_BOARD, { type: 'session.starting', data: { startsAt: 5 } })
const client = createClient({ baseUrl: 'http://127.0.0.1:1', token: 'x' })
const problem = await client.time().catch((error) => error)
console.log(JSON.stringify([board.status, board.startsAt, problem instanceof PodiumProblem, problem.code]))
`

t.test('the package installs into a fresh folder, and runs and type-checks there', { timeout: 120_000 }, async (t) => {
  const dir = t.testdir({ package: {}, app: { 'package.json': '{ "type": "module" }', 'app.mjs': APP, 'app.ts': APP } })
  const [packed, app] = [join(dir, 'package'), join(dir, 'app')]
  const run = async (cwd: string, file: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(file, args, { cwd, env: { ...process.env, NODE_OPTIONS: '' } })).stdout

  for (const name of ['package.json', 'README.md']) cpSync(join(source, name), join(packed, name))
  await run(source, tsc, '-p', 'tsconfig.build.json', '--outDir', join(packed, 'dist'))
  const [{ filename, files }] = JSON.parse(await run(packed, 'npm', 'pack', '--json', '--ignore-scripts'))
  const paths: string[] = files.map(({ path }: { path: string }) => path)
  t.ok(
    paths.every((path) => /^(package\.json|README\.md|dist\/(types\/)?[\w-]+\.(js|d\.ts))$/.test(path)),
    paths.join(' '),
  )
  t.ok(statSync(join(packed, filename)).size < MAX_BYTES, `${statSync(join(packed, filename)).size} bytes`)

  await run(app, 'npm', 'install', '--offline', '--no-audit', '--no-fund', '--silent', join(packed, filename))
  t.equal((await run(app, process.execPath, 'app.mjs')).trim(), '["starting",5,true,"client-network"]')
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    noEmit: true,
  }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['app.ts'] }))
  await run(app, tsc, '-p', '.')
  t.pass('its types are found')
})
