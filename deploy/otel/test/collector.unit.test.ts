import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { layer, readCompose } from '../../test/support/compose.ts'

type Components = Readonly<Record<string, unknown>>
interface Pipeline {
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}
interface Collector {
  readonly receivers: Components
  readonly processors: Components & {
    readonly redaction: { readonly blocked_key_patterns: string[]; readonly blocked_values: string[] }
    readonly tail_sampling: { readonly policies: readonly { readonly type: string; readonly [key: string]: unknown }[] }
  }
  readonly exporters: Components
  readonly extensions: Components
  readonly service: { readonly extensions: readonly string[]; readonly pipelines: Readonly<Record<string, Pipeline>> }
}

const text = readFileSync(join(import.meta.dirname, '../collector.yaml'), 'utf8')
const collector = parse(text) as Collector
const pipelines = Object.entries(collector.service.pipelines)
const compose = layer(readCompose('compose.yaml'), readCompose('observability.yaml'))

t.test('every component of a pipeline is defined, and every definition is used', (t) => {
  for (const kind of ['receivers', 'processors', 'exporters'] as const) {
    const used = new Set(pipelines.flatMap(([, pipeline]) => pipeline[kind]))
    t.strictSame([...used].sort(), Object.keys(collector[kind]).sort(), kind)
  }
  t.strictSame([...collector.service.extensions].sort(), Object.keys(collector.extensions).sort())
  t.strictSame(Object.keys(collector.service.pipelines).sort(), ['logs', 'metrics', 'traces'])
  t.end()
})

t.test('memory is limited before anything else, secrets go before anything is kept, batches come last', (t) => {
  for (const [name, { processors }] of pipelines) {
    t.equal(processors[0], 'memory_limiter', name)
    t.equal(processors.at(-1), 'batch', name)
  }
  const { traces, logs } = collector.service.pipelines
  t.ok(traces && traces.processors.indexOf('redaction') < traces.processors.indexOf('tail_sampling'))
  t.ok(logs?.processors.includes('redaction'))
  t.end()
})

t.test('failed and slow traces are always kept, of the others a share', (t) => {
  const types = collector.processors.tail_sampling.policies.map(({ type }) => type)
  for (const type of ['status_code', 'latency', 'probabilistic']) t.ok(types.includes(type), type)
  t.end()
})

/** Go's way to say "ignore case" is a flag of the expression here. */
const toRegExp = (pattern: string): RegExp =>
  new RegExp(pattern.replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : '')

t.test('secrets are recognised by name and by looks, everything else is left alone', (t) => {
  const { blocked_key_patterns: keys, blocked_values: values } = collector.processors.redaction
  const isBlocked = (patterns: readonly string[], value: string) => patterns.some((each) => toRegExp(each).test(value))
  for (const key of [
    'http.request.header.authorization',
    'token',
    'player.token',
    'PLAYER_SIGNING_KEY',
    'db.password',
  ]) {
    t.ok(isBlocked(keys, key), key)
  }
  for (const key of [
    'podium.session.id',
    'http.route',
    'url.path',
    'messaging.destination.name',
    'trace_id',
    'sessionId',
  ]) {
    t.notOk(isBlocked(keys, key), key)
  }
  const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk5In0aaaa.c2lnbmF0dXJl'
  for (const value of [`token ${jwt}`, 'Bearer abc', 'postgres://podium:secret@db:5432/podium']) {
    t.ok(isBlocked(values, value), value)
  }
  for (const value of [
    'podium.v1.answer.{sessionId}',
    'http://edge:8080/v1/sessions',
    '0199c1a0-0000-7000-8000-000000000000',
  ]) {
    t.notOk(isBlocked(values, value), value)
  }
  t.end()
})

t.test('the collector and its neighbours in compose find each other', (t) => {
  const ports = [...text.matchAll(/0\.0\.0\.0:(\d+)/g)].map(([, port]) => port)
  for (const [name, { environment = {} }] of Object.entries(compose.services)) {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = environment
    if (endpoint === undefined) continue
    const { hostname, port } = new URL(endpoint)
    t.ok(hostname in compose.services && ports.includes(port), `${name} sends to ${endpoint}`)
  }
  const exporters = JSON.stringify(collector.exporters)
  const hosts = [...exporters.matchAll(/"(?:https?:\/\/)?([a-z-]+):\d+/g)].map(([, host = '']) => host)
  t.strictSame(hosts.sort(), ['loki', 'prometheus', 'tempo'])
  for (const host of hosts) t.ok(compose.services[host]?.networks?.includes('telemetry'), host)

  const prometheus = readFileSync(join(import.meta.dirname, '../../prometheus/prometheus.yaml'), 'utf8')
  for (const [, ofDns, ofStatic] of prometheus.matchAll(/names: \[([a-z]+)\]|targets: \[([a-z-]+):/g)) {
    const name = ofDns ?? ofStatic ?? ''
    t.ok(name in compose.services, `Prometheus scrapes ${name}`)
  }
  t.end()
})
