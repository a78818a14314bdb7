import type { Command } from '../processes/child.ts'
import { createManagedProcess, type ManagedProcess, type ProcessSpec } from '../processes/managed.ts'
import { freePort } from '../processes/ports.ts'

/** A real server on 127.0.0.1 with a data folder of its own. `start` after `stop` or `kill` uses the same port and data. */
export type Server = ManagedProcess & {
  /** Known after the first start. */
  readonly port: number
  readonly url: string
}

export type ServerOptions = {
  /** Of the process, where there are several of a kind. Default: the kind. */
  readonly name?: string | undefined
  /** Created when missing. */
  readonly dataDir: string
  /** Used when it is free; 0 or nothing means any free one. */
  readonly port?: number | undefined
  readonly onLine?: ((line: string) => void) | undefined
}

export type ServerSpec = Pick<ProcessSpec, 'name' | 'stopSignal' | 'stopTimeoutMs'> & {
  readonly command: (port: number) => Command | Promise<Command>
  readonly probe: (port: number, pid: number) => Promise<void>
  readonly url: (port: number) => string
  /** Default 20 000. */
  readonly startTimeoutMs?: number
  /** More output after which a start is worth another try. */
  readonly retryOn?: RegExp
}

/** What servers get instead of our whole environment. */
export const serverEnvironment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  LC_ALL: 'C',
  TZ: 'UTC',
})

const portTaken = /address already in use|could not bind/i

/** A managed process with a port: chosen until the server ran once (another process may be quicker), kept from then on. */
export const createServer = (options: ServerOptions, spec: ServerSpec): Server => {
  let port = 0
  let ranBefore = false
  const managed = createManagedProcess({
    name: options.name ?? spec.name,
    stopSignal: spec.stopSignal,
    stopTimeoutMs: spec.stopTimeoutMs,
    startTimeoutMs: spec.startTimeoutMs ?? 20_000,
    retryOn: spec.retryOn === undefined ? portTaken : new RegExp(`${portTaken.source}|${spec.retryOn.source}`, 'i'),
    onLine: options.onLine,
    async command() {
      if (!ranBefore) port = await freePort(options.port)
      return spec.command(port)
    },
    async probe(pid) {
      await spec.probe(port, pid)
      ranBefore = true
    },
  })
  return {
    name: managed.name,
    get pid() {
      return managed.pid
    },
    get port() {
      return port
    },
    get url() {
      return spec.url(port)
    },
    start: managed.start,
    stop: managed.stop,
    kill: managed.kill,
    watch: managed.watch,
  }
}
