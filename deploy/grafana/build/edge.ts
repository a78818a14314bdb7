import { countRate, type Dashboard, labelVariable, metric, quantile, quantiles, rate } from './dashboard.ts'
import { graph } from './panel.ts'

const here = 'instance=~"$instance"'
const only = `{${here}}`

/** Connections, requests and fan-out, of all copies or of some. */
export const edge: Dashboard = {
  uid: 'edge',
  title: 'edge',
  about: 'What clients see: requests, streams, slow clients, frames, and how well an edge follows boards and feeds.',
  variables: [labelVariable('instance', 'instance', `${metric.ready}{job="edge"}`)],
  sections: [
    {
      title: 'Streams',
      lines: [
        [
          graph(
            'Open',
            [
              [
                `sum by (instance, podium_transport) (${metric.connections}${only})`,
                '{{instance}} {{podium_transport}}',
              ],
            ],
            {
              stacked: true,
            },
          ),
          graph('Opened', [[rate('streamsOpened', 'podium_transport', here), '{{podium_transport}}']], { unit: 'cps' }),
          graph('Ended, by reason', [[rate('streamsClosed', 'podium_reason', here), '{{podium_reason}}']], {
            unit: 'cps',
          }),
        ],
        [
          graph('Clients that take no more at the moment', [
            [`sum by (instance) (${metric.streamsPaused}${only})`, '{{instance}}'],
          ]),
          graph('Slow clients', [
            [rate('stalls', '', here), 'stalls'],
            [rate('framesReplaced', '', here), 'states replaced by newer ones'],
          ]),
          graph('Sessions followed', [[`sum by (instance) (${metric.sessionReplicas}${only})`, '{{instance}}']]),
        ],
      ],
    },
    {
      title: 'Fan-out',
      lines: [
        [
          graph('Messages to clients', [[rate('deliveries', 'instance', here), '{{instance}}']], { unit: 'mps' }),
          graph('Frames encoded', [[rate('framesEncoded', 'podium_transport', here), '{{podium_transport}}']], {
            about: 'Once per tick and protocol, whatever the number of clients.',
          }),
          graph('One tick', quantiles('tickDuration', here), {
            unit: 's',
            about: 'Sending one board to its audience.',
          }),
        ],
        [
          graph('Answer → visible', quantiles('answerVisible', here), { unit: 's', exemplars: true, bounds: [0.5, 1] }),
          graph('Feed delay', quantiles('feedDelay', here), {
            unit: 's',
            about: 'By wall clocks: it shows their distance too.',
          }),
          graph('Opening skew', quantiles('openingSkew', here), { unit: 's', bounds: [0.05, 0.1] }),
        ],
        [
          graph('Gaps', [
            [rate('boardGaps', '', here), 'boards'],
            [rate('feedGaps', '', here), 'feeds'],
          ]),
          graph('Snapshots of boards', [[rate('boardSnapshots', 'podium_outcome', here), '{{podium_outcome}}']]),
          graph('Spans dropped', [[rate('spansDropped', 'instance', here), '{{instance}}']]),
        ],
      ],
    },
    {
      title: 'Requests',
      lines: [
        [
          graph(
            'Requests',
            [
              [
                countRate('httpDuration', 'http_request_method, http_route', here),
                '{{http_request_method}} {{http_route}}',
              ],
            ],
            {
              unit: 'reqps',
            },
          ),
          graph(
            'Statuses',
            [[countRate('httpDuration', 'http_response_status_code', here), '{{http_response_status_code}}']],
            {
              unit: 'reqps',
              stacked: true,
            },
          ),
          graph('p99 by route', [[quantile(0.99, 'httpDuration', 'http_route', here), '{{http_route}}']], {
            unit: 's',
            exemplars: true,
          }),
        ],
        [
          graph(
            'Answers',
            [[rate('answers', 'podium_transport, podium_outcome', here), '{{podium_transport}} {{podium_outcome}}']],
            {
              unit: 'reqps',
            },
          ),
          graph('Answer → accepted', quantiles('answerAccepted', here), {
            unit: 's',
            exemplars: true,
            bounds: [0.1, 0.5],
          }),
          graph(
            'Commands to session, p99',
            [[quantile(0.99, 'commandClientDuration', 'rpc_method', here), '{{rpc_method}}']],
            {
              unit: 's',
            },
          ),
        ],
        [
          graph('Requests under way', [[`sum by (instance) (${metric.httpActive}${only})`, '{{instance}}']]),
          graph(
            'Event loop delay',
            [
              [`max by (instance) (${metric.loopDelayP99}${only})`, '{{instance}} p99'],
              [`max by (instance) (${metric.loopDelayMax}${only})`, '{{instance}} max'],
              [`max by (instance) (${metric.loopDelayMean}${only})`, '{{instance}} mean'],
            ],
            { unit: 's', bounds: [0.05, 0.1] },
          ),
          graph(
            'Memory',
            [
              [`max by (instance) (${metric.memoryUsage}${only})`, '{{instance}}'],
              [`sum by (instance) (${metric.heapUsed}${only})`, '{{instance}} heap'],
            ],
            { unit: 'bytes' },
          ),
        ],
      ],
    },
  ],
}
