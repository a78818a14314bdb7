import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createBatchQueue } from '#platform/batch-queue'
import { eventually } from './support/eventually.ts'

t.test('a batch queue', async (t) => {
  await t.test('hands over a lone item at once, whatever the pace', async (t) => {
    const batches: number[][] = []
    const queue = createBatchQueue<number>({
      maxBatch: 10,
      paceMs: 500,
      handle: async (batch) => void batches.push(batch),
    })
    queue.add(1)
    queue.add(2)
    await eventually(() => batches.length === 1)
    t.same(batches, [[1, 2]], 'with what came in the same turn')
  })

  await t.test('collects until the pace allows the next batch', async (t) => {
    const begun: number[] = []
    const sizes: number[] = []
    const queue = createBatchQueue<number>({
      maxBatch: 100,
      paceMs: 20,
      handle: async (batch) => {
        begun.push(performance.now())
        sizes.push(batch.length)
      },
    })
    for (let item = 0; item < 60; item += 1) {
      queue.add(item)
      await sleep(1)
    }
    await queue.drained()
    t.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      60,
    )
    const gaps = begun.slice(1).map((at, index) => at - (begun[index] ?? 0))
    t.ok(
      gaps.every((gap) => gap >= 18),
      `at least the pace apart: ${gaps.map(Math.round)}`,
    )
  })

  await t.test('does not wait while a whole batch is there, and never holds more than two', async (t) => {
    const gate = Promise.withResolvers<void>()
    const sizes: number[] = []
    const queue = createBatchQueue<number>({
      maxBatch: 3,
      paceMs: 500,
      handle: async (batch) => {
        sizes.push(batch.length)
        await gate.promise
      },
    })
    for (let item = 0; item < 6; item += 1) queue.add(item)
    t.equal(queue.room(), 0)
    await eventually(() => sizes.length === 1)
    let hasRoom = false
    const waiting = queue.hasRoom().then(() => {
      hasRoom = true
    })
    await sleep(5)
    t.equal(hasRoom, false)
    gate.resolve()
    await waiting
    await eventually(() => sizes.length === 2)
    t.same(sizes, [3, 3])
  })
})
