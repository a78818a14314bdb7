import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { podiumDir } from './paths.ts'
import { createRecords, stopRecorded } from './processes/records.ts'

if (import.meta.main) {
  const dir = podiumDir()
  const stopped = await stopRecorded(createRecords(join(dir, 'pids')), {
    onStop: ({ name, pid }) => console.log(`Stopping ${name} (process ${pid})`),
  })
  rmSync(join(dir, 'env'), { force: true })
  console.log(stopped === 0 ? 'Podium is not up' : 'Podium is down')
}
