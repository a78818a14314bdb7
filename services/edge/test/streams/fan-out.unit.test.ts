import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import {
  BOARD_INTERVAL_MS,
  createFanOutBudget,
  createTicks,
  delayMs,
  GATHER_MS,
  inSlices,
  LOBBY_INTERVAL_MS,
  tickMs,
} from '../../streams/fan-out.ts'

t.test('a tick is 100 ms and grows so that fan-out takes half a core at the most', async (t) => {
  t.equal(tickMs(0), BOARD_INTERVAL_MS)
  t.equal(tickMs(4_000), BOARD_INTERVAL_MS)
  t.equal(tickMs(5_000), 120)
  t.equal(tickMs(20_000), 480)
  t.equal(tickMs(10, LOBBY_INTERVAL_MS), LOBBY_INTERVAL_MS)
  t.equal(tickMs(100_000, LOBBY_INTERVAL_MS), 2_400)
})

t.test('a change after a rest goes out soon, the next one a tick after it', async (t) => {
  t.equal(delayMs(100, 100, Number.POSITIVE_INFINITY), GATHER_MS)
  t.equal(delayMs(100, 100, 250), GATHER_MS)
  t.equal(delayMs(100, 100, 0), 100)
  t.equal(delayMs(100, 100, 30.5), 69)
})

t.test('a change that just missed a delivery is delivered a tick later', async (t) => {
  t.equal(delayMs(50, 120, 0, 40), 80)
  t.equal(delayMs(50, 120, 50, 40), 30)
  t.equal(delayMs(10, 120, 40, 500), 20, 'a pause of half a tick stays')
})

t.test('all audiences that wait count for each other’s tick', async (t) => {
  const budget = createFanOutBudget()
  t.equal(budget.reserve(4_000, 100), 100)
  t.equal(budget.reserve(4_000, 100), 192)
  budget.release(4_000)
  budget.release(4_000)
  t.equal(budget.reserve(4_000, 100), 100)
})

const setUp = (run: () => Promise<void>) =>
  createTicks({ budget: createFanOutBudget(), audience: () => 1, intervalMs: () => 100, run })

t.test('changes within a tick make one run; a change during a run makes one more, never two at once', async (t) => {
  let runs = 0
  let underWay = 0
  const ticks = setUp(async () => {
    runs += 1
    underWay += 1
    t.equal(underWay, 1)
    if (runs === 1) for (let count = 0; count < 5; count++) ticks.poke()
    await sleep(30)
    underWay -= 1
  })
  for (let count = 0; count < 10; count++) ticks.poke()
  t.equal(runs, 0, 'not at once')
  await eventually(() => runs === 2 && underWay === 0)
  ticks.close()
})

t.test('nothing runs after the end', async (t) => {
  let runs = 0
  const ticks = setUp(async () => {
    runs += 1
  })
  ticks.poke()
  ticks.close()
  ticks.poke()
  await sleep(150)
  t.equal(runs, 0)
})

t.test('slices visit every item in order, with turns of the event loop between them', async (t) => {
  const seen: number[] = []
  const items = Array.from({ length: 1_234 }, (_, index) => index)
  let turns = 0
  const count = () => {
    turns += 1
    if (seen.length < items.length) setImmediate(count)
  }
  setImmediate(count)
  await inSlices(items, (item) => seen.push(item), createFanOutBudget().turn)
  t.same(seen, items)
  t.ok(turns >= 2)
})
