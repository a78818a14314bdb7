import { parentPort, workerData } from 'node:worker_threads'
import { type Format, parseFile } from './parse-file.ts'
import { READY } from './parse-in-worker.ts'

const { format, content, mediaHosts } = workerData as {
  readonly format: Format
  readonly content: string
  readonly mediaHosts: readonly string[]
}
parentPort?.postMessage(READY)
parentPort?.postMessage(await parseFile(format, content, mediaHosts))
