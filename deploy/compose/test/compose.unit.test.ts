import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import t from 'tap'
import { loadConfig } from '#platform/config'
import { projectRoot } from '../../local/paths.ts'
import { serviceNames, workerRoles } from '../../local/stack-options.ts'
import { composeDir, interpolate, layer, readCompose } from '../../test/support/compose.ts'
import { readDockerfile } from '../../test/support/dockerfile.ts'
import { serviceSpecs, unknownVariables } from '../../test/support/specs.ts'
import { passwordVariables, prepare } from '../prepare.ts'

const core = readCompose('compose.yaml')
const observability = readCompose('observability.yaml')
const everything = layer(layer(core, observability), readCompose('proxy.yaml'))
const image = readDockerfile()

/** What `prepare.ts --development` writes, in a folder of its own. */
const prepared = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-compose-'))
  try {
    await prepare(folder, { development: true })
    const first = readFileSync(join(folder, '.env'), 'utf8')
    await prepare(folder, { development: true })
    const again = readFileSync(join(folder, '.env'), 'utf8')
    const files = Object.values(core.secrets ?? {}).filter(({ file }) => existsSync(join(folder, file)))
    return { env: parseEnv(first), isStable: first === again, secretsMade: files.length }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

t.test('prepare.ts makes every secret once', async (t) => {
  const { env, isStable, secretsMade } = await prepared()
  t.ok(isStable, 'a second run changes nothing')
  t.equal(secretsMade, Object.keys(core.secrets ?? {}).length, 'every file that is mounted as a secret is there')
  for (const name of passwordVariables) t.match(env[name], /^p[0-9a-f]{36}$/, name)
})

t.test('every service gets what its configuration asks for, in values it takes, and nothing else', async (t) => {
  const { env } = await prepared()
  for (const file of [core, everything]) {
    for (const name of [...serviceNames, 'worker'] as const) {
      const given = Object.fromEntries(
        Object.entries(file.services[name]?.environment ?? {}).map(([key, value]) => [key, interpolate(value, env)]),
      )
      t.strictSame(unknownVariables(name, Object.keys({ ...image.env, ...given })).filter(isNotOfEdge), [], name)
      t.doesNotThrow(() => loadConfig(serviceSpecs[name], { ...image.env, ...given }), `${name} takes it`)
    }
  }
})

/** The image sets them for all; only the edge looks. */
const isNotOfEdge = (name: string): boolean => !['EDGE_HOST', 'EDGE_PORT'].includes(name)

t.test('what is not ours gets its passwords too', async (t) => {
  const { env } = await prepared()
  for (const [name, { environment = {}, command = [] }] of Object.entries(everything.services)) {
    const texts = [...Object.values(environment), ...[command].flat()]
    t.doesNotThrow(() => texts.map((text) => interpolate(text, env)), name)
  }
  const nats = Object.keys(core.services.nats?.environment ?? {})
    .filter((name) => name.startsWith('NATS_'))
    .sort()
  t.strictSame(nats, passwordVariables.filter((name) => name.startsWith('NATS_')).sort())
})

t.test('every file, network, volume, secret and service that is named exists', (t) => {
  for (const [name, service] of Object.entries(everything.services)) {
    for (const volume of service.volumes ?? []) {
      if (volume.startsWith('${')) continue // given by the operator
      const [source = ''] = volume.split(':')
      if (source.startsWith('./') || source.startsWith('../'))
        t.ok(existsSync(join(composeDir, source)), `${name}: ${source} is there`)
      else t.ok(everything.volumes !== undefined && source in everything.volumes, `${name}: volume ${source}`)
    }
    for (const network of service.networks ?? [])
      t.ok(everything.networks?.[network] !== undefined, `${name}: ${network}`)
    for (const secret of service.secrets ?? []) t.ok(everything.secrets?.[secret] !== undefined, `${name}: ${secret}`)
    for (const other of Object.keys(service.depends_on ?? {})) t.ok(everything.services[other], `${name} → ${other}`)
    t.match(service.image, /:(v?\d|local)|\$\{PODIUM_IMAGE:-podium:local\}/, `${name} has an image with a version`)
  }
  t.end()
})

t.test('our own containers run a program of the image, read-only and long enough to stop gracefully', (t) => {
  for (const [name, service] of Object.entries(core.services)) {
    if (service.build === undefined) continue
    const program = [...(service.entrypoint ?? []), ...[service.command ?? []].flat()].find((word) =>
      word.endsWith('.ts'),
    )
    t.ok(existsSync(join(projectRoot, program ?? '-')), `${name}: ${program}`)
    t.equal(resolve(composeDir, service.build.context), projectRoot)
    t.equal(service.read_only, true, `${name} writes nothing`)
    t.ok(Number.parseInt(service.stop_grace_period ?? '0', 10) > 10, `${name} may take its ten seconds`)
  }
  t.end()
})

t.test('one process works on answers, or three with a profile', (t) => {
  const profilesOf = (name: string) => core.services[name]?.profiles ?? []
  t.strictSame(profilesOf('worker'), [])
  for (const name of workerRoles) t.strictSame(profilesOf(name), ['roles'], name)
  t.end()
})

t.test('the edge reaches NATS, and no store', (t) => {
  const networks = (name: string): readonly string[] => core.services[name]?.networks ?? []
  const shared = (one: string, two: string) => networks(one).filter((network) => networks(two).includes(network))
  t.strictSame(shared('edge', 'nats'), ['bus'])
  t.strictSame(shared('edge', 'postgres'), [])
  t.strictSame(shared('edge', 'redis'), [])
  t.strictSame(core.networks?.bus, { internal: true })
  t.strictSame(core.networks?.stores, { internal: true })
  t.strictSame(
    Object.entries(everything.services).filter(([, { ports = [] }]) => ports.some((port) => !isLocal(port))),
    [],
    'nothing is published beyond this machine unless configured',
  )
  t.end()
})

const isLocal = (port: string): boolean => interpolate(port, {}).startsWith('127.0.0.1:')
