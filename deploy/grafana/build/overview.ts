import { countRate, type Dashboard, metric, quantile, quantiles, rate } from './dashboard.ts'
import { alerts, graph, stat, table } from './panel.ts'

/** Is it well, and if not, where. Objectives first, then the four golden signals of the whole. */
export const overview: Dashboard = {
  uid: 'overview',
  title: 'overview',
  about: 'Objectives, traffic, errors, latency and saturation of all services.',
  sections: [
    {
      title: 'Objectives',
      height: 5,
      lines: [
        [
          stat('Answers that we could take (1 h)', '1 - podium:answers_failing:ratio_rate1h', {
            unit: 'percentunit',
            bounds: [0.9995, 0.999],
            about: 'Objective 99.9 %. Refusals that are the client’s own mistake count as taken.',
          }),
          stat('Answer → accepted, p99', 'podium:accepted:p99_5m', { unit: 's', bounds: [0.05, 0.1] }),
          stat('Answer → visible, p99', 'podium:visible:p99_5m', { unit: 's', bounds: [0.25, 0.5] }),
          stat('Error budget burn (1 h)', 'podium:answers_failing:ratio_rate1h / 0.001', {
            bounds: [1, 6],
            about: '1 uses up the budget in exactly 30 days; a page comes at 14.4.',
          }),
          stat('Messages waiting', `max(${metric.consumerLag})`, { bounds: [1_000, 10_000] }),
          stat('Dead letters (24 h)', `sum(increase(${metric.deadLetters}[24h])) or vector(0)`, { bounds: [0.5, 1] }),
        ],
      ],
    },
    {
      title: 'Answers',
      lines: [
        [
          graph('Answers by outcome', [[rate('answers', 'podium_outcome'), '{{podium_outcome}}']], {
            unit: 'reqps',
            stacked: true,
          }),
          graph('Answer → accepted', quantiles('answerAccepted'), { unit: 's', exemplars: true, bounds: [0.1, 0.5] }),
          graph('Answer → visible', quantiles('answerVisible'), { unit: 's', exemplars: true, bounds: [0.5, 1] }),
        ],
        [
          graph('Answers at each station', [
            [rate('answers', '', 'podium_outcome="accepted"'), 'accepted'],
            [rate('evaluatedAnswers'), 'evaluated'],
            [rate('ledgerRows', '', 'podium_outcome="recorded"'), 'in the ledger'],
            [rate('boardUpdates', '', 'podium_outcome="applied"'), 'on the board'],
          ]),
          graph('Messages waiting', [
            [`max by (messaging_consumer_group_name) (${metric.consumerLag})`, '{{messaging_consumer_group_name}}'],
          ]),
          graph('Connections', [[`sum by (podium_transport) (${metric.connections})`, '{{podium_transport}}']], {
            stacked: true,
          }),
        ],
      ],
    },
    {
      title: 'Errors',
      lines: [
        [
          graph('HTTP requests that fail on our side', [
            [
              countRate('httpDuration', 'http_route, http_response_status_code', 'http_response_status_code=~"5.."'),
              '{{http_response_status_code}} {{http_route}}',
            ],
          ]),
          graph('Log lines at warn and above', [
            [`sum by (job, level) (rate(${metric.logRecords}[$__rate_interval]))`, '{{job}} {{level}}'],
          ]),
          alerts('Alerts'),
        ],
        [
          graph(
            'Sessions verified (24 h)',
            [[`sum by (podium_outcome) (max_over_time(${metric.verifications}[24h]))`, '{{podium_outcome}}']],
            { about: 'Recomputed from the ledger. Any mismatch is a page.' },
          ),
          graph('Errors that the error tracker did not get', [[rate('reportsDropped', 'job'), '{{job}}']]),
          graph('Restarts', [[`sum by (job) (resets(${metric.uptime}[$__rate_interval]))`, '{{job}}']]),
        ],
      ],
    },
    {
      title: 'Saturation',
      lines: [
        [
          graph('CPU', [[rate('cpuTime', 'job'), '{{job}}']], { about: 'Cores in use.' }),
          graph('Event loop delay, p99', [[`max by (job) (${metric.loopDelayP99})`, '{{job}}']], {
            unit: 's',
            bounds: [0.05, 0.1],
          }),
          graph('Event loop utilization', [[`max by (job) (${metric.loopUtilization})`, '{{job}}']], {
            unit: 'percentunit',
            bounds: [0.8, 0.95],
          }),
        ],
        [
          graph('Memory', [[`max by (job) (${metric.memoryUsage})`, '{{job}}']], { unit: 'bytes' }),
          graph('Requests that wait for a connection to Postgres', [
            [`max by (job) (${metric.poolWaiting})`, '{{job}}'],
          ]),
          graph('Garbage collection, p99', [[quantile(0.99, 'gcDuration', 'job'), '{{job}}']], { unit: 's' }),
        ],
      ],
    },
    {
      title: 'What runs',
      height: 7,
      lines: [
        [
          graph('Ready copies', [[`sum by (job) (${metric.ready})`, '{{job}}']]),
          table('Builds', `count by (job, version, commit, node) (${metric.buildInfo})`),
        ],
      ],
    },
  ],
}
