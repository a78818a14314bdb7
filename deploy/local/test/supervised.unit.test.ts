import t from 'tap'
import { eventually } from '../../../services/platform/test/support/eventually.ts'
import type { Exit } from '../processes/child.ts'
import type { ManagedProcess, ProcessListener } from '../processes/managed.ts'
import { supervise } from '../processes/supervised.ts'

/** A process that exists only as a number; `failures` starts in a row do not succeed. */
const fakeProcess = () => {
  let listener: ProcessListener = {}
  let pid: number | undefined
  const state = { starts: 0, failures: 0 }
  const end = (exit: Exit) => {
    pid = undefined
    listener.exited?.(exit)
  }
  const managed: ManagedProcess = {
    name: 'fake.1',
    get pid() {
      return pid
    },
    async start() {
      state.starts++
      if (state.failures-- > 0) throw new Error('no luck')
      pid = 1000 + state.starts
    },
    async stop() {
      end({ code: 0, signal: null })
    },
    async kill(signal = 'SIGKILL') {
      end({ code: null, signal })
    },
    watch(next) {
      listener = next
    },
  }
  return { managed, state }
}

t.test('a process that dies again and again is started later and later', async (t) => {
  const { managed } = fakeProcess()
  const events: string[] = []
  const supervised = supervise(managed, (text) => events.push(text))
  t.teardown(() => supervised.stop())
  await supervised.start()
  for (const restarts of [1, 2, 3]) {
    await supervised.kill()
    await supervised.ready()
    t.equal(supervised.restarts, restarts)
  }
  t.strictSame(
    events.filter((text) => text.includes('restarting')),
    [100, 200, 400].map((delay) => `fake.1 died (SIGKILL), restarting in ${delay} ms`),
  )
})

t.test('a restart that fails is followed by another one', async (t) => {
  const { managed, state } = fakeProcess()
  const events: string[] = []
  const supervised = supervise(managed, (text) => events.push(text))
  t.teardown(() => supervised.stop())
  await supervised.start()
  state.failures = 1
  await supervised.kill()
  await supervised.ready()
  t.strictSame(events.slice(0, 2), [
    'fake.1 died (SIGKILL), restarting in 100 ms',
    'fake.1 did not come back: no luck, restarting in 200 ms',
  ])
})

t.test('a first start that fails is not repeated', async (t) => {
  const { managed, state } = fakeProcess()
  state.failures = 1
  const supervised = supervise(managed, t.fail)
  await t.rejects(supervised.start(), /no luck/)
  t.equal(state.starts, 1)
})

t.test('no process is started again after stop or release', async (t) => {
  const { managed, state } = fakeProcess()
  const events: string[] = []
  const supervised = supervise(managed, (text) => events.push(text))
  await supervised.start()
  await supervised.stop()
  await supervised.start()
  await supervised.kill()
  await eventually(() => events.length === 1, { what: 'the death is noticed' })
  supervised.release() // while it waits for its next start
  await t.rejects(supervised.ready(300), /fake\.1 was not ready within 300 ms/)
  t.equal(state.starts, 2)
})
