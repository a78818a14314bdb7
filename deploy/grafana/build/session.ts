import { SESSION_ID } from '#platform/contract/names'
import { type Dashboard, textVariable } from './dashboard.ts'
import { logGraph, logs, traceGraph, traces } from './panel.ts'

/** The member of log lines that says which session something is about. */
const SESSION_MEMBER = 'sessionId'

const spans = (more = ''): string => `{ span.${SESSION_ID} = "$session"${more} }`
const lines = (more = ''): string => `{service_namespace="podium"} | ${SESSION_MEMBER} = "$session"${more}`

/** Everything about one session. From traces and logs: no metric has an attribute for every session. */
export const session: Dashboard = {
  uid: 'session',
  title: 'one session',
  about: 'Traces and log lines of one session. Metrics have no session: their number must not grow with the sessions.',
  variables: [textVariable('session', 'Session id')],
  sections: [
    {
      title: 'What went wrong',
      lines: [
        [
          traces('Traces with errors', spans(' && status = error')),
          traces('Slow traces', `${spans()} && { trace:duration > 250ms }`),
        ],
        [logs('Warnings and errors', lines(' | severity_number >= 13'))],
      ],
    },
    {
      title: 'What took how long',
      lines: [
        [
          traceGraph('By kind of work, p99', `${spans()} | quantile_over_time(duration, .99) by (name)`, {
            unit: 's',
            about: 'Of the traces that were kept: errors and slow ones all, of the others a share.',
          }),
          traceGraph('By service, p50', `${spans()} | quantile_over_time(duration, .5) by (resource.service.name)`, {
            unit: 's',
          }),
          logGraph(
            'Log lines',
            `sum by (service_name, detected_level) (count_over_time(${lines()} [$__auto]))`,
            '{{service_name}} {{detected_level}}',
            { stacked: true },
          ),
        ],
      ],
    },
    {
      title: 'Everything',
      height: 12,
      lines: [[traces('Traces', spans()), logs('Log', lines())]],
    },
  ],
}
