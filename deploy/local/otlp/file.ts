import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs'
import { startReceiver } from './receiver.ts'

/** A file that is larger than this is put aside, once; the one before it goes. */
const mostFileBytes = 64 * 1024 * 1024

const rotate = (file: string): void => {
  if (existsSync(file) && statSync(file).size > mostFileBytes) renameSync(file, `${file}.1`)
}

/** The process that keeps the traces of a local stack: `file.ts PORT FILE`, one export per line. Metrics are let go. */
if (import.meta.main) {
  const [port = '', file = ''] = process.argv.slice(2)
  // There before the first trace, so that a reader who looks for it knows that traces are kept.
  appendFileSync(file, '', { mode: 0o600 })
  const receiver = await startReceiver({
    port: Number(port),
    onExport: (signal, json) => {
      if (signal !== 'traces') return
      rotate(file)
      appendFileSync(file, `${json.replaceAll('\n', ' ')}\n`, { mode: 0o600 })
    },
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void receiver.close())
}
