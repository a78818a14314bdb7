import { podiumDir } from './paths.ts'
import { stackOptionsFromEnv, startStack } from './stack.ts'

/** What the supervisor tells `up` over the channel between them. */
export type SupervisorMessage =
  | { readonly kind: 'event'; readonly text: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }

/** Not the standard ones, which a system's own servers use; a free one is taken when they are in use. */
const preferredPorts = { nats: 14222, redis: 16379, postgres: 15432 }
const defaultEdgePort = 8080
const defaultWebPort = 8081

/** The process behind `make up`: holds the stack until SIGTERM, SIGINT or SIGHUP. */
const main = async (): Promise<void> => {
  const tell = (message: SupervisorMessage) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined) // `up` may have left
  }
  const abort = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => abort.abort())
  try {
    const stack = await startStack({
      dir: podiumDir(),
      ports: preferredPorts,
      edgePort: defaultEdgePort,
      webPort: defaultWebPort,
      ...stackOptionsFromEnv(process.env),
      signal: abort.signal,
      onEvent: (text) => tell({ kind: 'event', text }),
    })
    // Without a listener for "disconnect" the end of `up` is nothing to us.
    tell({ kind: 'ready' })
    await new Promise((resolve) =>
      abort.signal.aborted ? resolve(null) : abort.signal.addEventListener('abort', resolve),
    )
    await stack.stop()
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
    process.exitCode = 1
  } finally {
    if (process.connected) process.disconnect()
  }
}

if (import.meta.main) await main()
