import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '#platform/config'
import { projectRoot } from '../../local/paths.ts'
import { serviceNames } from '../../local/stack-options.ts'
import { readDockerfile } from '../../test/support/dockerfile.ts'
import { type Container, type EnvironmentEntry, readManifests, templateOf } from '../../test/support/k8s.ts'
import { serviceSpecs, unknownVariables } from '../../test/support/specs.ts'

const base = readManifests('base')
const image = readDockerfile()
const common = templateOf(base.find(({ file }) => file === 'patches/deployment.yaml')?.manifest ?? fail('no patch'))
const [shared] = common?.spec.containers ?? []

function fail(reason: string): never {
  throw new Error(reason)
}

const find = (kind: string, name: string) =>
  base.find(
    ({ file, manifest }) => !file.includes('patches/') && manifest.kind === kind && manifest.metadata.name === name,
  )?.manifest
const containerOf = (name: string): Container =>
  templateOf(find('Deployment', name) ?? fail(name))?.spec.containers[0] ?? fail(name)
/** The patch of all Deployments and the Deployment's own, as kustomize merges them. */
const environmentOf = (name: string): readonly EnvironmentEntry[] => [
  ...(shared?.env ?? []),
  ...(containerOf(name).env ?? []),
]
const settings = find('ConfigMap', 'podium')?.data ?? {}

/** What a Secret may hold, for the configuration to have something to look at. */
const samples: Readonly<Record<string, string>> = {
  NATS_URL: 'tls://user:password@nats:4222',
  DATABASE_URL: 'postgres://user:password@postgres:5432/podium?sslmode=verify-full',
  REDIS_URL: 'rediss://user:password@redis:6379',
}

const textOf = ({ name, value, valueFrom }: EnvironmentEntry): string =>
  value ??
  (valueFrom?.configMapKeyRef !== undefined ? settings[valueFrom.configMapKeyRef.key] : undefined) ??
  (valueFrom?.secretKeyRef !== undefined ? samples[name] : undefined) ??
  (valueFrom?.fieldRef !== undefined ? 'pod' : undefined) ??
  fail(`${name} comes from nowhere`)

t.test('every service gets what its configuration asks for, in values it takes, and nothing else', (t) => {
  for (const name of serviceNames) {
    const given = Object.fromEntries(environmentOf(name).map((entry) => [entry.name, textOf(entry)]))
    t.strictSame(unknownVariables(name, Object.keys(given)), [], name)
    t.doesNotThrow(() => loadConfig(serviceSpecs[name], { ...image.env, ...given }), `${name} takes it`)
    t.equal(environmentOf(name).length, Object.keys(given).length, `${name} gets nothing twice`)
  }
  t.end()
})

t.test('credentials are those of the service, from a Secret', (t) => {
  for (const name of serviceNames) {
    for (const { name: variable, valueFrom } of environmentOf(name)) {
      if (samples[variable] === undefined) continue
      t.equal(valueFrom?.secretKeyRef?.key, `${variable}_${name.toUpperCase()}`, `${name} ${variable}`)
    }
  }
  t.end()
})

t.test('every program exists, and its pods are found by their own labels', (t) => {
  for (const { file, manifest } of base) {
    const template = templateOf(manifest)
    if (template === undefined || file.includes('patches/')) continue
    const { name } = manifest.metadata
    const [container] = template.spec.containers
    t.ok(existsSync(join(projectRoot, container?.args?.[0] ?? '-')), `${name}: ${container?.args?.[0]}`)
    t.equal(container?.image, 'podium')
    t.equal(template.metadata.labels['app.kubernetes.io/name'], name)
    if (manifest.kind === 'Deployment') t.match(template.metadata.labels, manifest.spec?.selector?.matchLabels ?? {})
    t.ok(container?.resources?.limits?.memory, `${name} has a limit of memory`)
    t.notOk(container?.resources?.limits?.cpu, `${name} is not throttled`)
  }
  for (const name of serviceNames) {
    t.strictSame(find('PodDisruptionBudget', name)?.spec?.selector?.matchLabels, { 'app.kubernetes.io/name': name })
  }
  t.end()
})

t.test('ports and probes are those of the image', (t) => {
  const ports = [...(shared?.ports ?? []), ...(containerOf('edge').ports ?? [])]
  const port = (name: string) => ports.find((each) => each.name === name)?.containerPort
  t.equal(port('operator'), Number(image.env.HEALTH_PORT))
  t.equal(port('http'), Number(image.env.EDGE_PORT))
  t.strictSame(shared?.livenessProbe?.httpGet, { path: '/livez', port: 'operator' })
  t.strictSame(shared?.startupProbe?.httpGet, { path: '/livez', port: 'operator' })
  t.strictSame(shared?.readinessProbe?.httpGet, { path: '/readyz', port: 'operator' })
  t.end()
})

t.test('a process is never killed while it stops gracefully', (t) => {
  const { preStop } = containerOf('edge').lifecycle ?? {}
  const stopDeadline = 10
  const grace = common?.spec.terminationGracePeriodSeconds ?? 0
  t.ok(grace > (preStop?.sleep?.seconds ?? 0) + stopDeadline, `${grace} s`)
  t.equal(environmentOf('edge').find(({ name }) => name === 'DRAIN_DELAY_MS')?.value, '3000')
  t.end()
})

t.test('every pod is unprivileged and knows nothing of the cluster', (t) => {
  for (const { file, manifest } of base) {
    const template = templateOf(manifest)
    if (template === undefined || (manifest.kind === 'Deployment' && !file.includes('patches/'))) continue
    const { spec } = template
    t.equal(spec.automountServiceAccountToken, false, file)
    t.equal(spec.securityContext?.runAsNonRoot, true, file)
    t.equal(spec.securityContext?.seccompProfile?.type, 'RuntimeDefault', file)
    t.strictSame(spec.containers[0]?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
  t.end()
})

t.test('files that a variable names are mounted', (t) => {
  for (const name of serviceNames) {
    const { volumeMounts = [] } = containerOf(name)
    const volumes = templateOf(find('Deployment', name) ?? fail(name))?.spec.volumes ?? []
    for (const { name: variable, value = '' } of environmentOf(name)) {
      if (!value.startsWith('/')) continue
      const mount = volumeMounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`))
      t.ok(mount && volumes.some((volume) => volume.name === mount.name), `${name} ${variable}=${value}`)
    }
  }
  t.end()
})

t.test('an edge reaches NATS, the collector and name servers, and nothing else', (t) => {
  const labels = {
    'app.kubernetes.io/name': 'edge',
    ...templateOf(find('Deployment', 'edge') ?? fail('edge'))?.metadata.labels,
  }
  const applies = (selector: Readonly<Record<string, string>> = {}) =>
    Object.entries(selector).every(([key, value]) => (labels as Readonly<Record<string, string>>)[key] === value)
  const ports = base
    .filter(({ manifest: { kind, spec } }) => kind === 'NetworkPolicy' && applies(spec?.podSelector?.matchLabels))
    .flatMap(({ manifest }) => manifest.spec?.egress ?? [])
    .flatMap((rule) => rule.ports.map(({ port }) => port))
  t.strictSame([...new Set(ports)].sort(), [4222, 4318, 53])
  t.end()
})
