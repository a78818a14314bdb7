import { execFile } from 'node:child_process'
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { testFolder } from '../../../services/platform/test/support/folder.ts'
import { projectRoot } from '../paths.ts'

const importOf = (...paths: readonly string[]): string =>
  paths.map((path, index) => `import * as i${index} from '${path}'\nvoid i${index}\n`).join('')

/** A small repository with the rules of this one, and the names of the rules it breaks. */
const violationsOf = async (t: Parameters<typeof testFolder>[0], sources: Readonly<Record<string, string>>) => {
  const folder = await testFolder(t)
  for (const file of ['package.json', '.dependency-cruiser.mjs']) await cp(join(projectRoot, file), join(folder, file))
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const cruiser = join(projectRoot, 'node_modules/.bin/depcruise')
  const args = [cruiser, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'services']
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (_exitCode, stdout, stderr) =>
      stdout === '' ? reject(new Error(stderr)) : resolve(stdout),
    )
  })
  const { violations } = JSON.parse(output).summary as { violations: { from: string; rule: { name: string } }[] }
  return violations.map(({ from, rule }) => `${rule.name}: ${from}`).sort()
}

const sound = {
  'services/edge/main.ts': importOf('#platform/bus', './http/server.ts', '../game/rules.ts'),
  'services/edge/http/server.ts': importOf('uWebSockets.js', 'node:http'),
  'services/platform/bus.ts': importOf('@nats-io/nats-core'),
  'services/game/rules.ts': 'export const points = 1000\n',
}

t.test('imports within the borders break no rule', async (t) => {
  t.strictSame(await violationsOf(t, sound), [])
})

t.test('every import across a border is reported', async (t) => {
  const found = await violationsOf(t, {
    ...sound,
    'services/game/rules.ts': "import type { Stats } from 'node:fs'\nexport type Rules = Stats\n",
    'services/edge/http/server.ts': importOf('uWebSockets.js', '../auth/tokens.ts', './list.ts', 'left-pad'),
    'services/edge/http/list.ts': "import type * as server from './server.ts'\nexport type List = typeof server\n",
    'services/edge/auth/tokens.ts': importOf('uWebSockets.js', '../../session/clock.ts'),
    'services/edge/auth/forgotten.ts': importOf('node:fs'),
    'services/session/clock.ts': importOf('../edge/main.ts', '../edge/test/support/world.ts'),
    'services/edge/test/support/world.ts': 'export const world = 1\n',
    'services/verify/main.ts': importOf('../game/rules.ts'),
    'services/platform/bus.ts': importOf('../session/clock.ts'),
  })
  t.strictSame(found, [
    'game-imports-only-itself: services/game/rules.ts',
    'imports-resolve: services/edge/http/server.ts',
    'no-cycles: services/edge/auth/tokens.ts',
    'no-cycles: services/edge/http/list.ts',
    'no-cycles: services/edge/main.ts',
    'no-dead-modules: services/edge/auth/forgotten.ts',
    'no-imports-of-programs: services/session/clock.ts',
    'only-tests-import-tests: services/session/clock.ts',
    'platform-knows-no-service: services/platform/bus.ts',
    'services-are-apart: services/edge/auth/tokens.ts',
    'services-are-apart: services/session/clock.ts',
    'services-are-apart: services/session/clock.ts',
    'uwebsockets-only-in-http-and-streams: services/edge/auth/tokens.ts',
    'verify-states-the-rules-again: services/verify/main.ts',
  ])
})
