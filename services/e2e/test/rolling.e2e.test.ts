import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Player, PodiumEvent } from '#client'
import { eventually } from '../../lib/test/support/eventually.ts'
import { verifySession } from '../../verify/src/index.ts'
import { createGame, rightChoice, startGame, waitUntil, wrongChoice } from './support/game.ts'
import { startPodium } from './support/podium.ts'

const PLAYERS = 200
const QUESTIONS = 4

/** How the edges are taken away while the quiz goes on. */
const DISTURBANCES = {
  'a rolling restart': { signal: 'SIGTERM' },
  'an edge that is killed': { signal: 'SIGKILL' },
} as const

t.test('the edges go away one after the other under load', async (t) => {
  const podium = await startPodium(t)

  for (const [name, { signal }] of Object.entries(DISTURBANCES)) {
    await t.test(`${name}: nobody loses an answer or an event`, async (t) => {
      const game = await createGame(podium, {
        questions: QUESTIONS,
        players: Array.from({ length: PLAYERS }, (_, index) => `${signal} player ${index}`),
        settings: { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 120 },
      })
      const seen = new Map(game.players.map((player) => [player.playerId, [] as PodiumEvent[]]))
      for (const player of game.players) player.on('*', (event) => seen.get(player.playerId)?.push(event))
      const seenBy = ({ playerId }: Player) => seen.get(playerId) ?? []

      let answers = 0
      const answerAll = (questionId: string, index: number) =>
        Promise.all(
          game.players.map(async (player, n) => {
            await sleep(n * 10) // spread over the time in which an edge goes away
            const choice = n % 2 === 0 ? rightChoice(index) : wrongChoice(index)
            await player.answer(questionId, { choice }, { deadlineMs: 40_000 })
            answers += 1
          }),
        )
      const disturb = async (copy: number) => {
        const edge = podium.stack.process('edge', copy)
        await sleep(300)
        const began = performance.now()
        await edge.kill(signal)
        await edge.ready(40_000)
        return performance.now() - began
      }
      const openedOf = (player: Player, index: number) => {
        for (const event of seenBy(player)) {
          if (event.type === 'question.opened' && event.data.index === index) return event.data
        }
        return undefined
      }

      let { questionId } = await startGame(game)
      for (let index = 0; index < QUESTIONS; index++) {
        if (index > 0) {
          await game.host.control(game.session.sessionId, 'next')
          const [first] = game.players
          const opened = await eventually(() => first && openedOf(first, index), { timeoutMs: 30_000 })
          questionId = opened?.questionId ?? ''
          await waitUntil(opened?.opensAt ?? 0)
        }
        const gone = index < 2 ? disturb(index + 1) : undefined
        await answerAll(questionId, index)
        const took = await gone
        if (took !== undefined) t.comment(`edge ${index + 1} was back after ${Math.round(took)} ms`)
        await game.host.control(game.session.sessionId, 'close')
      }
      await game.host.control(game.session.sessionId, 'end')
      await eventually(
        () =>
          game.players.every(
            (player) =>
              seenBy(player).at(-1)?.type === 'session.finished' ||
              seenBy(player).some(({ type }) => type === 'session.finished'),
          ),
        {
          timeoutMs: 30_000,
          what: 'everybody sees the end',
        },
      )

      t.equal(answers, PLAYERS * QUESTIONS, 'every answer was accepted')
      const faults = game.players.flatMap((player) => {
        const ids = seenBy(player).flatMap(({ id }) => (id === undefined ? [] : [Number(id)]))
        const inOrder = ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))
        const count = (type: string) => seenBy(player).filter((event) => event.type === type).length
        const complete = count('question.opened') === QUESTIONS && count('question.closed') === QUESTIONS
        return inOrder && complete && count('session.finished') === 1 && count('session.snapshot') === 0
          ? []
          : [{ ids, types: seenBy(player).map(({ type }) => type) }]
      })
      t.same(faults.slice(0, 2), [], `${faults.length} players missed something, or saw it twice`)
      const reconnects = game.players.reduce((sum, player) => sum + player.reconnects, 0)
      t.ok(reconnects >= PLAYERS / 2, `${reconnects} reconnects`)

      const { urls } = podium.stack
      const differences = async () =>
        (
          await verifySession({
            sessionId: game.session.sessionId,
            databaseUrl: urls.postgres,
            redisUrl: urls.redis,
            natsUrl: urls.nats,
          })
        ).differences
      await eventually(async () => (await differences()).length === 0, { timeoutMs: 20_000, intervalMs: 200 })
      const results = await game.host.results(game.session.sessionId)
      t.same(
        results.questions.map(({ answerCount }) => answerCount),
        Array.from({ length: QUESTIONS }, () => PLAYERS),
      )
      for (const player of game.players) player.close()
    })
  }
})
