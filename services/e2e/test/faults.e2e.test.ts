import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Redis } from 'ioredis'
import t from 'tap'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { rightChoice } from '../../client/testing/game.ts'
import { connectAsOperator } from '../operator.ts'
import { deleteConsumers, shortenAckWait } from './support/ack-wait.ts'
import { APART, startPodium } from './support/podium.ts'
import { openGame } from './support/whole-game.ts'

/** How long a process is suspended; with FAULTS_FREEZE_MS=30000 for half a minute. */
const FREEZE_MS = Number(process.env.FAULTS_FREEZE_MS ?? 700)

t.test('faults in the middle of a game', async (t) => {
  const podium = await startPodium(t, { copies: APART, env: { RATE_ANSWERS: '1000/1000', RATE_COMMANDS: '1000/1000' } })
  const { stack } = podium
  await shortenAckWait(stack, 1_000)

  for (const name of ['session', 'evaluator', 'scorer', 'leaderboard'] as const) {
    await t.test(`a suspended ${name}: the other copy continues, and the resumed one harms nothing`, async () => {
      const game = await openGame(podium)
      const frozen = stack.process(name)
      await frozen.kill('SIGSTOP')
      try {
        await game.answerAll()
        await sleep(FREEZE_MS)
        if (name !== 'session') await game.isExact()
      } finally {
        await frozen.kill('SIGCONT')
      }
      await game.isExact()
      t.equal(frozen.restarts, 0)
    })
  }

  for (const name of ['nats', 'postgres', 'redis'] as const) {
    await t.test(`a suspended ${name}: what waited is done when it runs again`, async () => {
      const game = await openGame(podium)
      const frozen = stack.process(name)
      await frozen.kill('SIGSTOP')
      const answered = game.answerAll()
      await sleep(FREEZE_MS)
      await frozen.kill('SIGCONT')
      await answered
      await game.isExact()
    })
  }

  await t.test('each answer twenty times over HTTP, WebSocket and the bus', async (t) => {
    const game = await openGame(podium)
    const nc = await connectAsOperator(stack)
    t.teardown(() => nc.close())
    const [js, manager] = [jetstream(nc), await jetstreamManager(nc)]
    await Promise.all(
      game.players.map(async (player, index) => {
        const answerId = randomUUID()
        const hasSocket = index % 2 === 0
        const content = { choice: index % 2 === 0 ? rightChoice(0) : 1 }
        const send = (_: unknown, n: number) =>
          player.answer(game.questionId, content, { answerId, via: hasSocket && n % 2 === 0 ? 'ws' : 'http' })
        const receipts = await Promise.all(Array.from({ length: 20 }, send))
        t.equal(new Set(receipts.map(({ receivedAt }) => receivedAt)).size, 1, 'one result')
        const subject = subjects.answer(game.session.sessionId, 0, player.playerId)
        const stored = await manager.streams.getMessage(streams.answers, { last_by_subj: subject })
        const again = () => js.publish(subject, stored?.data ?? new Uint8Array())
        const outcomes = await Promise.allSettled(Array.from({ length: 20 }, again))
        t.ok(
          outcomes.every(({ status }) => status === 'rejected'),
          'the stream takes no second one',
        )
      }),
    )
    // What workers told each other comes again as well.
    const { sessionId } = game.session
    await game.isExact()
    for (const [stream, subject] of [
      [streams.evaluations, subjects.evaluation(sessionId)],
      [streams.scores, subjects.score(sessionId)],
    ] as const) {
      const message = await manager.streams.getMessage(stream, { last_by_subj: subject })
      for (let count = 0; count < 20; count++) {
        await js.publish(subject, message?.data ?? new Uint8Array())
      }
    }
    await game.isExact()
  })

  await t.test(
    'consumers deleted and declared again: all that ever came is seen again and changes nothing',
    async () => {
      const game = await openGame(podium)
      await deleteConsumers(stack)
      await game.answerAll()
      await applyDeclarations(stack.urls.nats)
      await game.isExact()
    },
  )

  await t.test('streams of the workers purged after the fact: the game continues', async (t) => {
    const game = await openGame(podium)
    await game.answerAll()
    await game.isExact()
    const nc = await connectAsOperator(stack)
    t.teardown(() => nc.close())
    const manager = await jetstreamManager(nc)
    for (const stream of [streams.evaluations, streams.scores]) await manager.streams.purge(stream)
    await game.host.control(game.session.sessionId, 'close')
    await game.isExact()
    const next = await openGame(podium)
    await next.answerAll()
    await next.isExact()
  })

  await t.test('FLUSHALL: the board is built again from the ledger', async (t) => {
    const game = await openGame(podium)
    await game.answerAll()
    await game.isExact()
    const redis = new Redis(stack.urls.redis)
    t.teardown(() => redis.disconnect())
    await redis.flushall()
    await game.isExact()
  })
})
