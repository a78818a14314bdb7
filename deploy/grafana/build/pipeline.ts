import { countRate, type Dashboard, metric, quantile, quantiles, rate } from './dashboard.ts'
import { graph } from './panel.ts'

const group = 'messaging_consumer_group_name'
const byGroup = `{{${group}}}`

/** From PubAck to board: streams, workers, stores, timers. */
export const pipeline: Dashboard = {
  uid: 'pipeline',
  title: 'pipeline',
  about: 'Evaluator, scorer, leaderboard and the timers of session: what waits, what is done, what is done twice.',
  sections: [
    {
      title: 'Streams',
      lines: [
        [
          graph('Messages waiting (lag)', [[`max by (${group}) (${metric.consumerLag})`, byGroup]], {
            about: 'In the stream and not delivered yet. It should return to 0 within a second after every question.',
          }),
          graph('Delivered and not settled', [[`max by (${group}) (${metric.consumerAckPending})`, byGroup]], {
            about: 'For session-timers this is the number of timers that wait.',
          }),
          graph('Delivered', [[rate('consumedMessages', group), byGroup]], { unit: 'reqps' }),
        ],
        [
          graph('Redelivered', [[rate('redeliveries', group), byGroup]], {
            unit: 'reqps',
            about:
              'A timer that waits is delivered again and again; for the others a crash, a store that was unavailable, or an ack_wait too short.',
          }),
          graph('Verdicts', [[rate('verdicts', `${group}, podium_verdict`), `${byGroup} {{podium_verdict}}`]], {
            unit: 'reqps',
          }),
          graph('Dead letters', [[rate('deadLetters', `${group}, podium_reason`), `${byGroup} {{podium_reason}}`]], {
            bounds: [0.001, 0.01],
          }),
        ],
      ],
    },
    {
      title: 'Workers',
      lines: [
        [
          graph('One batch, p50', [[quantile(0.5, 'processDuration', group), byGroup]], { unit: 's' }),
          graph('One batch, p99', [[quantile(0.99, 'processDuration', group), byGroup]], { unit: 's' }),
          graph('Messages in a batch, p90', [[quantile(0.9, 'batchSize', group), byGroup]]),
        ],
        [
          graph('Evaluated', [[rate('evaluatedAnswers'), 'answers']], { unit: 'reqps' }),
          graph('Ledger', [[rate('ledgerRows', 'podium_outcome'), '{{podium_outcome}}']], {
            unit: 'reqps',
            stacked: true,
            about: 'repeated: the row was there before, so nothing was counted twice.',
          }),
          graph('Board', [[rate('boardUpdates', 'podium_outcome'), '{{podium_outcome}}']], {
            unit: 'reqps',
            stacked: true,
            about: 'stale: the board knew something newer.',
          }),
        ],
      ],
    },
    {
      title: 'Publishing',
      lines: [
        [
          graph('Published', [
            [countRate('publishDuration', 'messaging_destination_template'), '{{messaging_destination_template}}'],
          ]),
          graph(
            'Publish → PubAck, p99',
            [
              [
                quantile(0.99, 'publishDuration', 'messaging_destination_template'),
                '{{messaging_destination_template}}',
              ],
            ],
            { unit: 's', exemplars: true },
          ),
          graph('PubAcks by outcome', [[countRate('publishDuration', 'podium_outcome'), '{{podium_outcome}}']]),
        ],
        [
          graph('PubAcks awaited', [[`max by (job) (${metric.publishPending})`, '{{job}}']]),
          graph('Connections to NATS that came back', [
            [`sum by (job) (increase(${metric.busReconnects}[5m]))`, '{{job}}'],
          ]),
          graph('Processes without NATS', [[`count by (job) (${metric.busConnected} == 0)`, '{{job}}']]),
        ],
      ],
    },
    {
      title: 'Stores',
      lines: [
        [
          graph('Operations', [
            [
              countRate('storeDuration', 'db_system_name, db_operation_name'),
              '{{db_system_name}} {{db_operation_name}}',
            ],
          ]),
          graph(
            'One operation, p99',
            [[quantile(0.99, 'storeDuration', 'db_operation_name'), '{{db_operation_name}}']],
            { unit: 's' },
          ),
          graph('Operations by outcome', [
            [countRate('storeDuration', 'db_system_name, podium_outcome'), '{{db_system_name}} {{podium_outcome}}'],
          ]),
        ],
        [
          graph('Connections to Postgres in use', [
            [`max by (job) (${metric.poolConnections}{db_client_connection_state="used"})`, '{{job}}'],
            [`max by (job) (${metric.poolMax})`, '{{job}} limit'],
          ]),
          graph('Requests that wait for a connection', [[`max by (job) (${metric.poolWaiting})`, '{{job}}']]),
          graph('Boards rebuilt', [[rate('boardRebuilds'), 'boards']], {
            about: 'One for each new session. A storm of them means that Redis lost its data.',
          }),
        ],
      ],
    },
    {
      title: 'Sessions',
      lines: [
        [
          graph('Transitions', [[rate('transitions', 'podium_event'), '{{podium_event}}']], { stacked: true }),
          graph('Lateness of timers', quantiles('timerLateness'), { unit: 's', bounds: [0.25, 1] }),
          graph('Messages taken over from the outbox', [[rate('outboxTakenOver'), 'sessions']], {
            about: 'Committed by a copy that died before publishing; published by the relay.',
          }),
        ],
        [
          graph('Commands', [[countRate('commandServerDuration', 'rpc_method'), '{{rpc_method}}']]),
          graph('One command, p99', [[quantile(0.99, 'commandServerDuration', 'rpc_method'), '{{rpc_method}}']], {
            unit: 's',
          }),
          graph('Commands by outcome', [[countRate('commandServerDuration', 'podium_outcome'), '{{podium_outcome}}']]),
        ],
      ],
    },
  ],
}
