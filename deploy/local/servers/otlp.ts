import { fileURLToPath } from 'node:url'
import { createServer, type Server, serverEnvironment } from './server.ts'

/** The process that writes the traces of a stack into a file. */
export const createOtlp = (options: { readonly file: string; readonly onLine: (line: string) => void }): Server =>
  createServer(
    { dataDir: '', onLine: options.onLine },
    {
      name: 'otlp',
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 2_000,
      url: (port) => `http://127.0.0.1:${port}`,
      command: (port) => ({
        file: process.execPath,
        args: [fileURLToPath(new URL('../otlp/file.ts', import.meta.url)), String(port), options.file],
        env: serverEnvironment(),
      }),
      probe: async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(2_000) })
        if (!response.ok) throw new Error(`/livez answers ${response.status}`)
      },
    },
  )
