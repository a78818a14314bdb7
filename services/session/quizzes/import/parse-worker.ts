import { parentPort, workerData } from 'node:worker_threads'
import { type Format, parseFile } from './parse-file.ts'

const { format, content, mediaHosts } = workerData as {
  readonly format: Format
  readonly content: string
  readonly mediaHosts: readonly string[]
}
parentPort?.postMessage(await parseFile(format, content, mediaHosts))
