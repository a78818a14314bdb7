import { fileURLToPath } from 'node:url'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/** The process that serves the pages of services/web and the development login. */
export const createWeb = (
  options: Pick<ServerOptions, 'port' | 'onLine'> & {
    readonly host: string
    readonly edgePort: number
    readonly keysDir: string
  },
): Server =>
  createServer(
    { dataDir: '', port: options.port, onLine: options.onLine },
    {
      name: 'web',
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 2_000,
      retryOn: /EADDRINUSE/,
      url: (port) => `http://${options.host === '0.0.0.0' ? '127.0.0.1' : options.host}:${port}`,
      command: (port) => ({
        file: process.execPath,
        args: [
          fileURLToPath(new URL('../web/main.ts', import.meta.url)),
          ...['--host', options.host, '--port', String(port)],
          ...['--api', String(options.edgePort), '--keys', options.keysDir],
        ],
        env: serverEnvironment(),
      }),
      probe: async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) })
        await response.body?.cancel()
        if (!response.ok) throw new Error(`/ answers ${response.status}`)
      },
    },
  )
