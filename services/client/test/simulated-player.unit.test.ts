import t, { type Test } from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'
import { type BoardState, EMPTY_BOARD, type Player, type PodiumClient, type PublicQuestion } from '../src/index.ts'
import { joinAsSimulatedPlayer, type SimulatedPlayerOptions } from '../testing/simulated-player.ts'

const questionAt = (opensAt: number, closesAt: number, questionId = 'q'): PublicQuestion => ({
  questionId,
  index: 0,
  count: 1,
  kind: 'true_false',
  prompt: '?',
  points: 1_000,
  timeLimitMs: 1_000,
  opensAt,
  closesAt,
})

/** A player whose devices show what the test says; the server's clock is that of the process, from 0. */
const join = async (t: Test, options: Partial<SimulatedPlayerOptions> = {}) => {
  const start = performance.now()
  const now = () => performance.now() - start
  const calls: string[] = []
  const boards: ((board: BoardState) => void)[] = []
  const device = (call: string): Player => {
    calls.push(call)
    return {
      playerId: 'p',
      nickname: 'Mia',
      reconnects: 1,
      serverNow: now,
      onAnswer: () => () => undefined,
      onBoard: (listener: (board: BoardState) => void) => boards.push(listener),
      connect: async () => undefined,
      leave: async () => undefined,
      close: () => calls.push('close'),
    } as unknown as Player
  }
  const client = {
    join: async (_: string, { resume }: { resume?: boolean }) => device(resume === true ? 'resume' : 'join'),
    player: () => device('start'),
  } as unknown as PodiumClient
  const player = await joinAsSimulatedPlayer({ client, session: 's', ...options })
  t.teardown(player.close)
  const show = (board: Partial<BoardState>, at = boards.length - 1) => boards[at]?.({ ...EMPTY_BOARD, ...board })
  const open = (question: PublicQuestion) => show({ status: 'question_open', question })
  return { player, now, calls, show, open }
}

t.test('every question is met once, unless it is answered; a restarted app meets it again', async (t) => {
  const met: string[] = []
  const { player, show, open, calls } = await join(t, {
    onQuestion: async ({ questionId }) => void met.push(questionId),
  })
  const one = questionAt(0, 1_000, 'one')
  open(one)
  open(one)
  show({ status: 'question_closed' })
  show({ status: 'question_open', question: questionAt(0, 1_000, 'two'), answered: ['two'] })
  t.strictSame(met, ['one'])
  player.restart()
  open(one)
  t.strictSame(met, ['one', 'one'])
  await player.changeDevice()
  open(one)
  t.strictSame(met, ['one', 'one'], 'on another device it is the same player')
  show({ status: 'question_open', question: questionAt(0, 1_000, 'three') }, 0)
  t.strictSame(met, ['one', 'one'], 'a device that was replaced counts for nothing')
  t.strictSame(calls, ['join', 'close', 'start', 'resume'])
  t.equal(player.reconnects, 3)
})

t.test('a failure goes to onFault, and nothing is running afterwards', async (t) => {
  const faults: unknown[] = []
  const { player, open } = await join(t, {
    onQuestion: async () => {
      throw new Error('x')
    },
    onFault: (error) => faults.push(error),
  })
  open(questionAt(0, 1_000))
  await player.settled()
  t.match(faults, [{ message: 'x' }])
})

t.test('without a pause `until` is over at its time', async (t) => {
  const { player, now } = await join(t)
  await player.until(questionAt(0, 1_000), -950)
  t.ok(now() >= 48)
  await player.until(questionAt(0, 1_000), -950)
  await player.unpaused()
})

t.test('a pause does not use up time: what was left is left afterwards', async (t) => {
  const { player, now, show, open } = await join(t)
  const question = questionAt(0, 1_000)
  let pauses = 0
  let isOver = false
  open(question)
  const onPause = () => {
    pauses += 1
  }
  const waiting = player.until(question, -900, onPause).then(() => {
    isOver = true
  })
  show({ status: 'paused', question })
  show({ status: 'paused', question })
  await eventually(() => pauses === 1)
  await eventually(() => now() > 150)
  t.notOk(isOver, 'not while it is paused')
  const again = now()
  open(questionAt(again, again + 980))
  await player.unpaused()
  await waiting
  t.ok(now() - again >= 78)
})

t.test('the end of a question moves with a pause; another question does not move it', async (t) => {
  const { player, now, open } = await join(t)
  open(questionAt(0, 60_000, 'another'))
  await player.until(questionAt(0, 20), 10)
  t.ok(now() >= 28)
})

t.test('a closed player stops waiting and starts nothing', async (t) => {
  const abort = new AbortController()
  const { player } = await join(t, { signal: abort.signal })
  const waiting = player.until(questionAt(0, 60_000), 0)
  abort.abort()
  await t.rejects(waiting, { name: 'AbortError' })
})
