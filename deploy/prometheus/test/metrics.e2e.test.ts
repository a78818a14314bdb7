import t from 'tap'
import type { MetricSpec } from '#platform/contract/metric-spec'
import { METRICS, prometheusName } from '#platform/contract/names'
import { createGame, openNextQuestion, rightChoice } from '../../../services/client/testing/game.ts'
import { startPodium } from '../../../services/e2e/test/support/podium.ts'
import { eventually } from '../../../services/platform/test/support/eventually.ts'
import { serviceNames } from '../../local/stack-options.ts'
import { mentionsOf } from './support/promql.ts'
import { expressions } from './support/sources.ts'

const specs = Object.values(METRICS) as readonly MetricSpec[]

/** Metric families of a scraped page, by name. */
const familiesOf = (page: string): ReadonlySet<string> =>
  new Set([...page.matchAll(/^# TYPE (\S+) \w+$/gm)].map(([, name = '']) => name))

/** Names of the series that are there, without labels. */
const seriesOf = (page: string): ReadonlySet<string> =>
  new Set([...page.matchAll(/^([a-z_:][\w:]*)(?:\{(?:"[^"]*"|[^}"])*\})? /gm)].map(([, name = '']) => name))

t.test('what a running system exports is what rules and dashboards ask for', async (t) => {
  const podium = await startPodium(t, { copies: { evaluator: 1 }, prometheusPort: 0 })
  const game = await createGame(podium, { questions: 1, players: ['Ada', 'Bob'], settings: { reveal: 'immediate' } })
  const question = await openNextQuestion(game)
  const [ada, bob] = game.players
  const closed = ada?.next('question.closed')
  await Promise.all([ada, bob].map((player) => player?.answer(question.questionId, { choice: rightChoice(0) })))
  await closed

  const pages = new Map<string, string>()
  const readPages = async (): Promise<void> => {
    for (const { name, healthUrl } of podium.stack.processes) {
      if (healthUrl !== undefined) pages.set(name, await (await fetch(`${healthUrl}/metrics`)).text())
    }
  }
  // The lag of consumers is asked for every few seconds only.
  const lag = prometheusName(METRICS.consumerLag)
  await eventually(() => readPages().then(() => seriesOf(pages.get('scorer') ?? '').has(lag)), {
    timeoutMs: 20_000,
    intervalMs: 250,
    what: lag,
  })

  await t.test('every service has the metrics that it says it has, and no others', (t) => {
    t.strictSame([...pages.keys()].sort(), [...serviceNames].sort())
    const known = new Set(specs.map(prometheusName))
    for (const [name, page] of pages) {
      const families = familiesOf(page)
      t.strictSame(
        [...families].filter((family) => !known.has(family)),
        [],
        `${name}: nothing without a spec`,
      )
      const missing = specs
        .filter(
          ({ services, onDemand }) =>
            onDemand !== true && (services as readonly string[] | undefined)?.includes(name) !== false,
        )
        .map(prometheusName)
        .filter((family) => !families.has(family))
      t.strictSame(missing, [], `${name}: nothing is missing`)
    }
    t.end()
  })

  await t.test('every metric of a rule or dashboard is there, but for those of events that did not happen', (t) => {
    const there = new Set([...pages.values()].flatMap((page) => [...seriesOf(page)]))
    const onDemand = new Set(specs.filter((spec) => spec.onDemand === true).map(prometheusName))
    const asked = new Set(expressions().flatMap(({ expr }) => mentionsOf(expr).selectors.map(({ metric }) => metric)))
    const ours = [...asked].filter((name) => specs.some((spec) => name.startsWith(prometheusName(spec))))
    t.ok(ours.length > 40, `${ours.length} metrics are asked for`)
    const missing = ours.filter((name) => !there.has(name) && !onDemand.has(name.replace(/_(bucket|sum|count)$/, '')))
    t.strictSame(missing, [])
    t.end()
  })

  const { prometheusUrl } = podium.stack
  const skip = prometheusUrl === undefined ? 'no Prometheus on this system' : false
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${prometheusUrl}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) })
    const body = (await response.json()) as { status: string; data: unknown; error?: string }
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`)
    return body.data
  }

  await t.test('Prometheus sees all of it, its rules work, and nothing is wrong', { skip }, async (t) => {
    await eventually(
      async () => {
        const { activeTargets } = (await ask('targets')) as { activeTargets: { health: string }[] }
        return activeTargets.length === serviceNames.length && activeTargets.every(({ health }) => health === 'up')
      },
      { timeoutMs: 30_000, what: 'every service is scraped' },
    )
    for (const { where, expr } of expressions()) {
      if (!where.endsWith('.json')) continue
      const query = expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*')
      await t.resolves(ask(`query?query=${encodeURIComponent(query)}`), `${where}: ${query}`)
    }
    await eventually(
      async () => {
        const { groups } = (await ask('rules')) as { groups: { rules: { health: string; name: string }[] }[] }
        return groups.length > 5 && groups.flatMap((group) => group.rules).every(({ health }) => health === 'ok')
      },
      { timeoutMs: 45_000, intervalMs: 500, what: 'every rule was evaluated without an error' },
    )
    const { alerts } = (await ask('alerts')) as { alerts: { state: string; labels: object }[] }
    t.strictSame(
      alerts.filter(({ state }) => state === 'firing'),
      [],
      'no alert fires',
    )
  })
})
