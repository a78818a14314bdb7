import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect, PermissionViolationError } from '@nats-io/transport-node'
import t from 'tap'
import { subjects, wildcards } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { natsOptions } from '#platform/nats'
import { requireProgram } from '../../../deploy/local/programs.ts'
import { type NatsUser, natsUsers } from '../../../deploy/nats/permissions.ts'
import { passwordVariable } from '../../../deploy/nats/users.ts'
import { startNatsWithUsers, TEST_PASSWORD } from '../../platform/test/support/nats.ts'

const id = newId()

/** Who may publish to what. No other user may, except for admin. */
const publishers: Readonly<Record<string, readonly NatsUser[]>> = {
  [subjects.answers(0)]: ['edge'],
  [subjects.barrier(0)]: ['session'],
  [subjects.evaluation(id)]: ['evaluator', 'worker'],
  [subjects.evaluations]: ['evaluator', 'worker'],
  [subjects.score(id)]: ['session', 'scorer', 'worker'],
  [subjects.scores]: ['session', 'scorer', 'worker'],
  [subjects.earned(id)]: ['scorer', 'worker'],
  [subjects.progress]: ['scorer', 'worker'],
  [subjects.feed(id)]: ['session'],
  [subjects.liveFeed(id)]: [],
  [subjects.timer(id)]: ['session'],
  [subjects.board(id)]: ['leaderboard', 'worker'],
  [subjects.boardSnapshot(id)]: ['edge'],
  [subjects.lobby(id)]: ['session'],
  [subjects.takeover(id)]: ['session'],
  [subjects.presence(id)]: ['edge'],
  [subjects.command('session-control')]: ['edge'],
  [subjects.dead('ANSWERS_0')]: ['evaluator', 'worker'],
  [subjects.dead('EVALUATIONS')]: ['scorer', 'worker'],
  [subjects.dead('SCORES')]: ['leaderboard', 'worker'],
  [subjects.dead('TIMERS')]: ['session'],
  // A reply to a request of an edge; the news that its answer is stored comes from JetStream alone.
  '_INBOX_edge.x.1': ['session', 'leaderboard', 'worker'],
  '_ACK_edge.x.1': [],
  '_INBOX_session.x.1': [],
  '_INBOX_scorer.x.1': [],
  // Reading back.
  '$JS.API.STREAM.MSG.GET.ANSWERS_0': [],
  '$JS.API.DIRECT.GET.ANSWERS_0': [],
  [`$JS.API.DIRECT.GET.ANSWERS_0.${subjects.answers(0)}`]: [],
  '$JS.API.STREAM.MSG.GET.FEED': ['edge'],
  '$JS.API.STREAM.MSG.GET.EVALUATIONS': [],
  '$JS.API.DIRECT.GET.EVALUATIONS': [],
  '$JS.API.STREAM.MSG.GET.DEAD_LETTERS': [],
  // Consumers: each worker its own, and verify one that is not a worker's.
  '$JS.API.CONSUMER.MSG.NEXT.ANSWERS_0.evaluator_0': ['evaluator', 'worker'],
  '$JS.API.CONSUMER.MSG.NEXT.EVALUATIONS.scorer': ['scorer', 'worker'],
  '$JS.API.CONSUMER.MSG.NEXT.SCORES.leaderboard': ['leaderboard', 'worker'],
  '$JS.API.CONSUMER.MSG.NEXT.TIMERS.session-timers': ['session'],
  '$JS.ACK.ANSWERS_0.evaluator_0.1.1.1.1.1': ['evaluator', 'worker'],
  '$JS.ACK.EVALUATIONS.scorer.1.1.1.1.1': ['scorer', 'worker'],
  '$JS.ACK.domain.account.SCORES.leaderboard.1.1.1.1.1.x': ['leaderboard', 'worker'],
  '$JS.API.CONSUMER.INFO.ANSWERS_0.evaluator_0': ['session', 'evaluator', 'worker', 'verify'],
  '$JS.API.CONSUMER.INFO.EVALUATIONS.scorer': ['session', 'scorer', 'worker'],
  '$JS.API.CONSUMER.INFO.SCORES.leaderboard': ['session', 'leaderboard', 'worker'],
  '$JS.API.CONSUMER.INFO.TIMERS.session-timers': ['session'],
  [`$JS.API.CONSUMER.CREATE.ANSWERS_0.own.${subjects.answers(0)}`]: ['verify'],
  [`$JS.API.CONSUMER.CREATE.ANSWERS_0.evaluator_0.${subjects.answers(0)}`]: [],
  // After a failover or restore of Postgres `session` sets the evaluator back.
  '$JS.API.CONSUMER.CREATE.ANSWERS_0.evaluator_0': ['session'],
  '$JS.API.CONSUMER.CREATE.ANSWERS_0': [],
  '$JS.API.CONSUMER.CREATE.EVALUATIONS.own': [],
  '$JS.API.CONSUMER.DURABLE.CREATE.ANSWERS_0.evaluator_0': [],
  [`$JS.API.CONSUMER.CREATE.SCORES.leaderboard.${wildcards.scores}`]: [],
  [`$JS.API.CONSUMER.CREATE.FEED.own.${wildcards.feed}`]: ['session'],
  '$JS.API.CONSUMER.DELETE.ANSWERS_0.own': ['session', 'verify'],
  '$JS.API.CONSUMER.DELETE.ANSWERS_0.evaluator_0': ['session'],
  '$JS.API.CONSUMER.DELETE.SCORES.leaderboard': [],
  '$JS.API.STREAM.CREATE.MINE': [],
  '$JS.API.STREAM.UPDATE.ANSWERS_0': [],
  '$JS.API.STREAM.PURGE.ANSWERS_0': [],
  '$JS.API.STREAM.DELETE.ANSWERS_0': [],
  '$JS.API.STREAM.MSG.DELETE.ANSWERS_0': [],
}

const subscribers: Readonly<Record<string, readonly NatsUser[]>> = {
  [wildcards.answers]: [],
  [wildcards.evaluations]: [],
  [wildcards.scores]: [],
  [subjects.progress]: ['session'],
  [wildcards.earned]: ['edge'],
  [wildcards.liveFeed]: ['edge'],
  [wildcards.feed]: [],
  [wildcards.timers]: [],
  [wildcards.boards]: ['edge'],
  [wildcards.boardSnapshots]: ['leaderboard', 'worker'],
  [wildcards.lobbies]: ['edge'],
  [wildcards.takeovers]: ['edge'],
  [wildcards.presence]: ['edge'],
  [wildcards.commands]: ['session'],
  [wildcards.dead]: [],
  '>': [],
  'podium.>': [],
  '$JS.>': [],
  '_INBOX.>': [],
  '_INBOX_edge.>': ['edge'],
  '_ACK_edge.>': ['edge'],
  '_INBOX_session.>': ['session'],
}

/** Which of the subjects the server refuses to a user. It says so before it answers the ping that follows. */
const refusedTo = async (
  url: string,
  user: NatsUser,
  operation: 'publish' | 'subscription',
  all: readonly string[],
) => {
  const nc = await connect({ ...natsOptions(url, user), reconnect: false })
  const refused = new Set<string>()
  const watch = async (): Promise<void> => {
    for await (const status of nc.status()) {
      if (status.type !== 'error') continue
      if (!(status.error instanceof PermissionViolationError)) throw status.error
      if (status.error.operation === operation) refused.add(status.error.subject)
    }
  }
  const watching = watch()
  for (const subject of all) {
    if (operation === 'publish') nc.publish(subject)
    else nc.subscribe(subject, { callback: () => undefined })
  }
  await nc.flush()
  await nc.close()
  await watching
  return [...refused]
}

t.test('every user of NATS may do what its service does and nothing else', async (t) => {
  const server = await startNatsWithUsers(t)
  const isNot = (table: typeof publishers, user: NatsUser) =>
    Object.keys(table).filter((subject) => table[subject]?.includes(user) !== true)
  for (const user of natsUsers.filter((name) => name !== 'admin')) {
    const refused = (operation: 'publish' | 'subscription', table: typeof publishers) =>
      refusedTo(server.urlOf(user), user, operation, Object.keys(table))
    t.same((await refused('publish', publishers)).sort(), isNot(publishers, user).sort(), `${user} publishes`)
    t.same((await refused('subscription', subscribers)).sort(), isNot(subscribers, user).sort(), `${user} subscribes`)
  }
})

t.test('no client gets in without the right password', async (t) => {
  const server = await startNatsWithUsers(t)
  const port = server.port
  const attempt = (options: object) => connect({ servers: `127.0.0.1:${port}`, reconnect: false, ...options })
  await t.rejects(attempt({}), /Authorization Violation/i)
  await t.rejects(attempt({ user: 'edge', pass: 'wrong' }), /Authorization Violation/i)
  await t.rejects(attempt({ user: 'unknown', pass: TEST_PASSWORD }), /Authorization Violation/i)
})

t.test('the configuration for production is valid, with passwords or their hashes in the environment', async (t) => {
  const config = fileURLToPath(new URL('../../../deploy/nats/nats.conf', import.meta.url))
  const hash = '$2a$11$PWIFAL8RsWyGI3jVZtO9Nu8.6jOxzxfZo7c/W0eLk017hjgUKWrhy'
  const env = Object.fromEntries(natsUsers.map((user) => [passwordVariable(user), user === 'edge' ? hash : 'ptest']))
  const check = () => promisify(execFile)(requireProgram('nats-server'), ['-t', '--config', config], { env })
  t.match(await check(), { stderr: /configuration file .* is valid/ })
  delete env[passwordVariable('scorer')]
  await t.rejects(check(), /NATS_SCORER_PASSWORD/)
})
