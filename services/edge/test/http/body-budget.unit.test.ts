import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createBodyBudget } from '../../http/request.ts'

const ignore = (): void => undefined
const chunk = Buffer.alloc(10)

/** Bodies of one sender until one is refused. */
const fill = (budget: ReturnType<typeof createBodyBudget>, isKnown: boolean): number => {
  let bodies = 0
  let isFull = false
  while (!isFull) {
    budget
      .open(
        () => isKnown,
        () => {
          isFull = true
        },
      )
      .keep(chunk)
    if (!isFull) bodies += 1
  }
  return bodies
}

t.test('known senders and others have room of their own', async (t) => {
  const budget = createBodyBudget(50, 20)
  t.equal(fill(budget, false), 2)
  t.equal(fill(budget, true), 5)
})

t.test('of a sender who is refused nothing is kept', async (t) => {
  const budget = createBodyBudget(50, 20)
  for (let n = 0; n < 100; n++) {
    const refusals: unknown[] = []
    const refused = new PodiumError('unauthorized')
    const body = budget.open(
      () => {
        throw refused
      },
      (error) => refusals.push(error),
    )
    body.keep(chunk)
    body.release()
    t.same([refusals, body.chunks()], [[refused], []])
  }
  t.equal(fill(budget, false), 2)
})

t.test(
  'a body counts for the unverified until its signature is verified, then for the verified, and never for both',
  async (t) => {
    const budget = createBodyBudget(50, 20)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const body = budget.open(() => promise, ignore)
    body.keep(chunk)
    t.equal(fill(budget, false), 1)
    resolve(true)
    await promise
    body.keep(chunk)
    t.equal(fill(budget, false), 1, 'what it held is free')
    t.equal(fill(budget, true), 3)
    body.release()
    t.equal(fill(budget, true), 2)
  },
)

t.test('a verdict that comes too late moves nothing', async (t) => {
  const budget = createBodyBudget(50, 20)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const body = budget.open(() => promise, ignore)
  body.keep(chunk)
  body.release()
  resolve(true)
  await promise
  t.equal(fill(budget, true), 5)
  t.equal(fill(budget, false), 2)
})
