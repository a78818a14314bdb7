import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createLogger } from '#platform/logger'
import { createRefusals } from '../../http/problem.ts'

const setUp = () => {
  const lines: Record<string, unknown>[] = []
  const logger = createLogger({
    service: 'edge',
    instance: 'edge-1',
    level: 'info',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  })
  const refusal = createRefusals(logger)
  let refused = 0
  /** The trace id that the client gets. */
  const refuse = (error: unknown): string => {
    refused += 1
    const id = String(refused).padStart(32, '0')
    const { traceId } = JSON.parse(String(refusal(error, { path: '/v1/sessions/s', traceId: () => id }).body))
    return traceId
  }
  return { lines, refuse }
}

t.test('what is our fault is in the log under the id that the client gets; what is not, is not', (t) => {
  const { lines, refuse } = setUp()
  const broken = refuse(new TypeError('unexpected'))
  const unavailable = refuse(new PodiumError('unavailable'))
  refuse(new PodiumError('question-closed'))
  t.match(lines, [
    { level: 50, msg: 'request failed', trace_id: broken, path: '/v1/sessions/s', err: { type: 'TypeError' } },
    { level: 40, msg: 'request not served', trace_id: unavailable, unmentioned: 0 },
  ])
  t.equal(lines.length, 2)
  t.not(broken, unavailable)
  t.end()
})

t.test('an outage has fifty lines a second, a fault of ours always has its own', (t) => {
  const { lines, refuse } = setUp()
  for (let count = 0; count < 500; count++) refuse(new PodiumError('unavailable'))
  const warnings = lines.length
  t.ok(warnings >= 50 && warnings <= 100, `${warnings} lines`)
  for (let count = 0; count < 100; count++) refuse(new Error('again'))
  t.equal(lines.filter(({ level }) => level === 50).length, 100)
  t.end()
})
