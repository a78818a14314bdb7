import t from 'tap'
import { startHealth } from '#platform/health'
import type { Lifecycle } from '#platform/lifecycle'

t.test('ready is a process that has started, is not stopping and has its connections', async (t) => {
  let isReady = false
  let check = async () => true
  const stops: (() => unknown)[] = []
  const lifecycle = { isReady: () => isReady, onStop: (_: string, step: () => unknown) => stops.push(step) }
  const port = await startHealth({
    host: '127.0.0.1',
    port: 0,
    lifecycle: lifecycle as unknown as Lifecycle,
    check: () => check(),
  })
  t.teardown(() => stops.map((stop) => stop()))
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
  t.equal(await status('/readyz'), 503, 'while it starts')
  isReady = true
  t.equal(await status('/readyz'), 200)
  check = async () => false
  t.equal(await status('/readyz'), 503, 'a connection is away')
  check = () => Promise.reject(new Error('no database'))
  t.equal(await status('/readyz'), 503, 'a connection fails')
  t.equal(await status('/livez'), 200, 'it runs all the same')
  check = async () => true
  t.equal(await status('/readyz'), 200)
})
