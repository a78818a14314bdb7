import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Player, PodiumEvent } from '#client'
import { createGame, openNextQuestion, rightChoice, waitUntil, wrongChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startPodium, TWO_OF_EACH } from './support/podium.ts'

/** A machine with more to give takes more: ROLLING_PLAYERS=2000, with TAP_TIMEOUT in seconds. */
const PLAYERS = Number(process.env.ROLLING_PLAYERS ?? 200)
/** The answers to a question are spread over the time in which an edge stops. */
const SPREAD_MS = Math.max(2_000, PLAYERS * 2)
/** For what all players have to reach. */
const PATIENCE_MS = Math.max(30_000, PLAYERS * 30)
const QUESTIONS = 4

/** How the edges are stopped during the quiz. */
const DISTURBANCES = {
  'a rolling restart': { signal: 'SIGTERM' },
  'an edge that is killed': { signal: 'SIGKILL' },
} as const

t.test('the edges stop one after the other under load', async (t) => {
  // A busy machine may keep a client from saying in time where it resumes.
  const podium = await startPodium(t, { copies: TWO_OF_EACH, env: { RESUME_WAIT_MS: '10000' } })

  for (const [name, { signal }] of Object.entries(DISTURBANCES)) {
    await t.test(`${name}: no player loses an answer or an event`, async (t) => {
      const game = await createGame(podium, {
        questions: QUESTIONS,
        players: Array.from({ length: PLAYERS }, (_, index) => `${signal} player ${index}`),
        settings: { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 120, maxParticipants: PLAYERS },
      })
      const seen = new Map(game.players.map((player) => [player.playerId, [] as PodiumEvent[]]))
      for (const player of game.players) player.on('*', (event) => seen.get(player.playerId)?.push(event))
      const seenBy = ({ playerId }: Player) => seen.get(playerId) ?? []

      let answers = 0
      const answerAll = (questionId: string, index: number) =>
        Promise.all(
          game.players.map(async (player, n) => {
            await sleep((n * SPREAD_MS) / PLAYERS)
            const choice = n % 2 === 0 ? rightChoice(index) : wrongChoice(index)
            await player.answer(questionId, { choice }, { deadlineMs: PATIENCE_MS + 10_000 })
            answers += 1
          }),
        )
      const disturb = async (copy: number) => {
        const edge = podium.stack.process('edge', copy)
        await sleep(300)
        const began = performance.now()
        await edge.kill(signal)
        await edge.ready(PATIENCE_MS + 10_000)
        return performance.now() - began
      }
      const openedOf = (player: Player, index: number) => {
        for (const event of seenBy(player)) {
          if (event.type === 'question.opened' && event.data.index === index) return event.data
        }
        return undefined
      }

      let { questionId } = await openNextQuestion(game)
      for (let index = 0; index < QUESTIONS; index++) {
        if (index > 0) {
          await game.host.control(game.session.sessionId, 'next')
          const [first] = game.players
          const opened = await eventually(() => first && openedOf(first, index), { timeoutMs: PATIENCE_MS })
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
          timeoutMs: PATIENCE_MS,
          what: 'all players see the end',
        },
      )

      t.equal(answers, PLAYERS * QUESTIONS, 'every answer was accepted')
      const faults = game.players.flatMap((player) => {
        const events = seenBy(player).filter(({ id, type }) => id !== undefined && type !== 'session.snapshot')
        const ids = events.map(({ id }) => Number(id))
        const inOrder = ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))
        const count = (type: string) => events.filter((event) => event.type === type).length
        const complete = count('question.opened') === QUESTIONS && count('question.closed') === QUESTIONS
        return inOrder && complete && count('session.finished') === 1
          ? []
          : [{ ids, types: seenBy(player).map(({ type }) => type) }]
      })
      t.same(faults.slice(0, 2), [], `${faults.length} players missed something, or saw it twice`)
      const restated = game.players.filter((player) => seenBy(player).some(({ type }) => type === 'session.snapshot'))
      t.equal(restated.length, 0, 'all resume, none starts from a snapshot')
      const reconnects = game.players.reduce((sum, player) => sum + player.reconnects, 0)
      t.ok(reconnects >= PLAYERS / 2, `${reconnects} reconnects`)

      await eventually(async () => (await podium.differences(game.session.sessionId)).length === 0, {
        timeoutMs: 20_000,
        intervalMs: 200,
      })
      const results = await game.host.results(game.session.sessionId)
      t.same(
        results.questions.map(({ answerCount }) => answerCount),
        Array.from({ length: QUESTIONS }, () => PLAYERS),
      )
      for (const player of game.players) player.close()
    })
  }
})
