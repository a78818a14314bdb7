import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import t from 'tap'
import { createLogOutput } from '../log-output.ts'
import { eventually } from './support/eventually.ts'

const busy = () => Object.assign(new Error('busy'), { code: 'EAGAIN' })

t.test('a reader that takes its time gets every byte in order', async (t) => {
  let written = ''
  let calls = 0
  const output = createLogOutput((bytes) => {
    calls += 1
    if (calls % 3 === 0) throw busy()
    written += bytes.toString('latin1', 0, 4)
    return Math.min(4, bytes.length)
  }, new EventEmitter())
  output.write('the first line\n')
  output.write('the second\n')
  await eventually(() => written === 'the first line\nthe second\n')
  t.ok(calls > 6)
})

t.test('a reader that is gone ends it, also at the exit', async (t) => {
  let calls = 0
  const proc = new EventEmitter()
  const output = createLogOutput(() => {
    calls += 1
    throw Object.assign(new Error('gone'), { code: 'EPIPE' })
  }, proc)
  output.write('one\n')
  output.write('two\n')
  proc.emit('exit')
  t.equal(calls, 1)
})

t.test('unread lines are dropped beyond a limit, and counted in a later line', async (t) => {
  let isStalled = true
  let written = ''
  const output = createLogOutput((bytes) => {
    if (isStalled) throw busy()
    written += bytes.toString()
    return bytes.length
  }, new EventEmitter())
  const line = `${'x'.repeat(2 ** 20 - 1)}\n`
  for (let count = 0; count < 6; count += 1) output.write(line)
  isStalled = false
  await eventually(() => written.includes('log lines dropped'))
  t.equal(written.split('x\n').length - 1, 4)
  t.match(written, '"count":2')
})

t.test('at the exit it waits for a busy reader, not for ever', async (t) => {
  const proc = new EventEmitter()
  const output = createLogOutput(() => {
    throw busy()
  }, proc)
  output.write('final line\n')
  const began = performance.now()
  proc.emit('exit')
  t.ok(performance.now() - began >= 490)
})

t.test('a process whose reader died still exits on SIGTERM', async (t) => {
  const program = `
    import { createLogger } from '#platform/logger'
    import { createLifecycle } from '#platform/lifecycle'
    const logger = createLogger({ service: 'test', instance: 'one', level: 'info' })
    const lifecycle = createLifecycle(logger)
    lifecycle.ready()
    setInterval(() => logger.info('still here'), 5)
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [head] = await once(child.stdout, 'data')
  t.match(String(head), '"msg":"ready"')
  child.stdout.destroy()
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})
