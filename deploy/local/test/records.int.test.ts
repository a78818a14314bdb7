import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { processIdentity } from '../processes/identity.ts'
import { createRecords, stopRecorded } from '../processes/records.ts'

const sleeper = async (script = 'setInterval(() => undefined, 1000); console.log("up")') => {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const pid = child.pid
  if (pid === undefined) throw new Error('not started')
  return { pid, exited: once(child, 'exit'), kill: () => child.kill('SIGKILL') }
}

t.test('a recorded process that still runs is stopped and its record removed', async (t) => {
  const folder = t.testdir({})
  const records = createRecords(folder)
  const process = await sleeper()
  t.teardown(process.kill)
  records.add({ name: 'left', role: 'service', pid: process.pid, stopSignal: 'SIGTERM' })
  t.equal(await stopRecorded(records), 1)
  t.strictSame(await process.exited, [null, 'SIGTERM'])
  t.strictSame(readdirSync(folder), [])
})

t.test('a process that ignores its signal is killed after the deadline', async (t) => {
  const records = createRecords(t.testdir({}))
  const process = await sleeper(
    'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000); console.log("up")',
  )
  t.teardown(process.kill)
  records.add({ name: 'stubborn', role: 'service', pid: process.pid, stopSignal: 'SIGTERM' })
  t.equal(await stopRecorded(records, { deadlineMs: 100 }), 1)
  t.strictSame(await process.exited, [null, 'SIGKILL'])
})

t.test('a process that was given the pid of a recorded one is left alone', async (t) => {
  const folder = t.testdir({})
  const records = createRecords(folder)
  const stranger = await sleeper()
  t.teardown(stranger.kill)
  const record = { name: 'left', role: 'service', pid: stranger.pid, identity: 'another boot:1', stopSignal: 'SIGTERM' }
  writeFileSync(`${folder}/left.json`, JSON.stringify(record))
  t.equal(await stopRecorded(records), 0)
  t.ok(processIdentity(stranger.pid), 'the stranger still runs')
  t.strictSame(readdirSync(folder), [], 'the stale record is gone')
})

t.test('a record that cannot be read, or points at everything, stops nothing', async (t) => {
  const folder = t.testdir({
    'half.json': '{"name":"hal',
    'all.json': JSON.stringify({ name: 'all', role: 'service', pid: -1, identity: 'x', stopSignal: 'SIGKILL' }),
  })
  t.equal(await stopRecorded(createRecords(folder)), 0)
})

t.test('a name is held by one living process at a time', async (t) => {
  const folder = t.testdir({})
  const records = createRecords(folder)
  t.equal(records.claim('supervisor', 'supervisor'), undefined)
  t.match(records.claim('supervisor', 'supervisor'), { pid: process.pid })
  const gone = {
    name: 'supervisor',
    role: 'supervisor',
    pid: process.pid,
    identity: 'another boot:1',
    stopSignal: 'SIGTERM',
  }
  writeFileSync(`${folder}/supervisor.json`, JSON.stringify(gone))
  t.equal(records.claim('supervisor', 'supervisor'), undefined, 'a dead holder does not count')
  t.strictSame(readdirSync(folder), ['supervisor.json'])
})
