import { METRICS } from '#platform/contract/names'
import type { OperatorPage } from '#platform/health'
import type { Metrics } from '#platform/telemetry'
import { createRecentWindow, type RecentWindow } from '#platform/telemetry/recent-window'
import type { StageLag } from './worker-lag.ts'

export interface OperatorPageDeps {
  readonly metrics: Metrics
  readonly instance: string
  readonly isReady: () => boolean
  readonly lag: () => readonly StageLag[]
  /** Called at the end. */
  readonly onStop: (stop: () => void) => void
}

const RATES = [
  METRICS.answerAccepted,
  METRICS.answers,
  METRICS.answerVisible,
  METRICS.httpDuration,
  METRICS.deliveries,
  METRICS.tickDuration,
] as const

/** What this edge is doing, for an operator with a browser only. */
export const createOperatorPage = (deps: OperatorPageDeps): OperatorPage => {
  const { metrics, instance, isReady, lag, onStop } = deps
  const recent = createRecentWindow({ metrics, specs: RATES })
  onStop(recent.close)
  return () => ({
    contentType: 'text/html; charset=utf-8',
    body: page(`edge ${instance}`, isReady() ? 'ready' : 'not ready', [
      table('Now', nowRows(metrics)),
      table('Last 10 seconds', recentRows(recent)),
      table(
        'Answers on their way',
        lag().map(({ stage, waiting, inHand }) => [stage, `${count(waiting)} waiting, ${count(inHand)} in hand`]),
      ),
    ]),
  })
}

type Row = readonly [label: string, value: string]

const nowRows = (metrics: Metrics): readonly Row[] => {
  const value = (name: string, ...values: string[]): number | undefined => {
    for (const { spec, series } of metrics.families()) {
      const state = spec.name === name ? series.get(values.join('\0'))?.read() : undefined
      if (typeof state === 'number') return state
    }
    return undefined
  }
  const of = (spec: { readonly name: string }, ...values: string[]) => count(value(spec.name, ...values))
  return [
    ['WebSocket streams', of(METRICS.connections, 'ws')],
    ['Event streams', of(METRICS.connections, 'sse')],
    ['Streams that take no more', of(METRICS.streamsPaused)],
    ['Sessions', of(METRICS.sessionReplicas)],
    ['Requests under way', of(METRICS.httpActive)],
    ['Answers not stored yet', of(METRICS.publishPending)],
    ['NATS', value(METRICS.busConnected.name) === 1 ? 'connected' : 'away'],
    ['Up for', `${count(value(METRICS.uptime.name))} s`],
  ]
}

const recentRows = (recent: RecentWindow): readonly Row[] => [
  ['Answers accepted', perSecond(recent.rate(METRICS.answerAccepted))],
  ['Answers refused', perSecond(recent.rate(METRICS.answers, ([, outcome = '']) => !SOUND.includes(outcome)))],
  ['Accepted within, p50 and p99', quantiles(recent, METRICS.answerAccepted)],
  ['Visible within, p50 and p99', quantiles(recent, METRICS.answerVisible)],
  ['HTTP requests', perSecond(recent.rate(METRICS.httpDuration))],
  ['Failures (5xx)', perSecond(recent.rate(METRICS.httpDuration, ([, , status = '']) => status.startsWith('5')))],
  ['Messages to clients', perSecond(recent.rate(METRICS.deliveries))],
  ['Boards sent', perSecond(recent.rate(METRICS.tickDuration))],
]

const SOUND: readonly string[] = ['accepted', 'repeated']

const count = (value: number | undefined): string =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en')
const perSecond = (rate: number): string => `${rate < 10 ? rate.toFixed(1) : count(rate)} /s`
const milliseconds = (seconds: number | undefined): string =>
  seconds === undefined ? '–' : `${(seconds * 1_000).toFixed(1)} ms`

const quantiles = (recent: RecentWindow, spec: (typeof RATES)[number]): string =>
  `${milliseconds(recent.quantile(spec, 0.5))}, ${milliseconds(recent.quantile(spec, 0.99))}`

const table = (title: string, rows: readonly Row[]): string =>
  `<h2>${title}</h2><table>${rows.map(([label, value]) => `<tr><th>${label}</th><td>${value}</td></tr>`).join('')}</table>`

/** Nothing in it comes from a client; the instance's name is the operator's own. */
const page = (title: string, state: string, parts: readonly string[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem }
table { width: 100%; border-collapse: collapse }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .2rem 0 }
th { text-align: left; font-weight: normal } td { text-align: right; font-variant-numeric: tabular-nums }
</style>
<h1>${escaped(title)}: ${state}</h1>
${parts.join('\n')}
<p><a href="/metrics">metrics</a> · <a href="/readyz">readiness</a></p>
</html>
`

const escaped = (text: string): string => text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`)
