import t from 'tap'
import { APART, startPodium } from './support/podium.ts'
import { openGame } from './support/whole-game.ts'

const skewedClock = new URL('./support/skewed-clock.ts', import.meta.url).href

t.test('edges and workers whose clocks are wrong by an hour, ahead and behind', async (t) => {
  const podium = await startPodium(t, { copies: APART, env: { NODE_OPTIONS: `--import=${skewedClock}` } })
  const game = await openGame(podium)
  await game.answerAll()
  await game.isExact()
  const { players } = await game.host.results(game.session.sessionId)
  const scores = players.map(({ score }) => score).sort((a, b) => b - a)
  // 300 s are half of the points; all players took a few seconds at the most.
  t.ok(
    scores.slice(0, 3).every((score) => score > 980 && score <= 1_000),
    `right ones: ${scores}`,
  )
  t.same(scores.slice(3), [0, 0, 0], 'wrong ones')
  const times = await Promise.all(
    Array.from(
      { length: 20 },
      async () => (await (await fetch(`${podium.edgeUrl}/v1/time`)).json()) as { now: number },
    ),
  )
  t.ok(
    times.some(({ now }) => Math.abs(now - Date.now()) > 3_000_000),
    'the clocks are wrong indeed',
  )
})
