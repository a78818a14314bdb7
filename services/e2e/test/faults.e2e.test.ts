import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Redis } from 'ioredis'
import t from 'tap'
import { PodiumProblem } from '#client'
import { answersStream, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { createGame, rightChoice, waitUntil } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { connectAsOperator } from '../operator.ts'
import { deleteConsumers, shortenAckWait } from './support/ack-wait.ts'
import { startPodium, TWO_OF_EACH } from './support/podium.ts'
import { openGame } from './support/whole-game.ts'

/** How long a process is suspended; with FAULTS_FREEZE_MS=30000 for half a minute. */
const FREEZE_MS = Number(process.env.FAULTS_FREEZE_MS ?? 700)

t.test('faults in the middle of a game', async (t) => {
  const podium = await startPodium(t, {
    copies: TWO_OF_EACH,
    env: { RATE_ANSWERS: '1000/1000', RATE_COMMANDS: '1000/1000' },
  })
  const { stack } = podium
  await shortenAckWait(stack, 1_000)

  for (const name of ['session', 'worker'] as const) {
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

  await t.test(
    'NATS suspended in mid-question and between two: every player gets the whole time of both',
    async (t) => {
      const settings = { timeLimitSeconds: 6, revealSeconds: 4, startDelaySeconds: 0 }
      const game = await createGame(podium, { players: ['Ada', 'Bob', 'Cleo', 'Dan'], questions: 2, settings })
      const { players, host, session } = game
      const everyone = <T>(of: (player: (typeof players)[number]) => Promise<T>) => Promise.all(players.map(of))
      /** Suspends it for so long that the question, had its clock run on, would be over. */
      const suspend = async (until: number) => {
        await stack.process('nats').kill('SIGSTOP')
        await sleep(Math.max(until - Date.now(), 0))
        await stack.process('nats').kill('SIGCONT')
      }

      const opened = await everyone((player) => {
        const first = player.next('question.opened', { timeoutMs: 20_000 })
        if (player === players[0]) void host.control(session.sessionId, 'start')
        return first
      })
      const question = opened[0]?.data
      if (question === undefined) throw new Error('no question')
      await waitUntil(question.opensAt)
      const extended = everyone((player) => player.next('question.extended', { timeoutMs: 30_000 }))
      await suspend(question.closesAt)
      for (const { data } of await extended) {
        t.equal(data.questionId, question.questionId)
        t.ok(data.closesAt > question.closesAt)
      }
      const closed = everyone((player) => player.next('question.closed', { timeoutMs: 30_000 }))
      await everyone((player) => player.answer(question.questionId, { choice: rightChoice(0) }))
      await closed

      const late = everyone((player) => player.next('question.extended', { timeoutMs: 30_000 }))
      await suspend(Date.now() + 6_000)
      const [again] = await late
      if (again === undefined) throw new Error('no question')
      const { questionId, opensAt, closesAt } = again.data
      t.not(questionId, question.questionId)
      t.ok(closesAt - opensAt >= 6_000, 'the whole limit from the later opening')
      await waitUntil(opensAt)
      await everyone((player) => player.answer(questionId, { choice: rightChoice(1) }))
      const isExact = async () => {
        const { questions } = await host.results(session.sessionId)
        const isCounted = questions.length === 2 && questions.every(({ answerCount }) => answerCount === players.length)
        return isCounted && (await podium.differences(session.sessionId)).length === 0
      }
      await eventually(isExact, { timeoutMs: 30_000, intervalMs: 100, what: 'every answer is scored' })
    },
  )

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
        const results = new Set(receipts.map(({ receivedAt }) => receivedAt))
        t.ok(results.size <= 2, `${results.size} results of two edges that were asked at the same instant`)
        const { receivedAt } = await player.answer(game.questionId, content, { answerId, via: 'http' })
        t.ok(results.has(receivedAt), 'later it is one of them')
      }),
    )
    // What edges and workers published comes again as well.
    const { sessionId } = game.session
    await game.isExact()
    for (const [stream, subject] of [
      [answersStream(0), subjects.answers(0)],
      [streams.scores, subjects.score(sessionId)],
    ] as const) {
      const message = await manager.streams.getMessage(stream, { last_by_subj: subject })
      if (message === null) continue
      for (let count = 0; count < 20; count++) await js.publish(subject, message.data)
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

  await t.test('two edges that get answers of a player at the same instant: one counts', async (t) => {
    const game = await openGame(podium)
    const [player] = game.players
    if (player === undefined) throw new Error('no player')
    const send = (choice: number) =>
      player.answer(game.questionId, { choice }, { answerId: randomUUID(), via: 'http' }).then(
        () => true,
        (err: unknown) => {
          if (err instanceof PodiumProblem && err.code === 'already-answered') return false
          throw err
        },
      )
    const accepted = (await Promise.all(Array.from({ length: 16 }, (_, n) => send(n % 4)))).filter(Boolean).length
    t.ok(accepted === 1 || accepted === 2, `${accepted} of two edges accepted one`)
    const { sessionId } = game.session
    const counted = async () => (await game.host.results(sessionId)).questions[0]?.answerCount
    await eventually(async () => (await counted()) === 1 && (await podium.differences(sessionId)).length === 0)
  })

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
