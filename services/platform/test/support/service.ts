import type { DevIssuer } from '../../../../deploy/local/keys.ts'
import type { ManagedProcess } from '../../../../deploy/local/processes/managed.ts'
import { freePort } from '../../../../deploy/local/processes/ports.ts'
import { createService, type ServiceContext } from '../../../../deploy/local/services.ts'
import type { TestContext } from './server.ts'

export type TestService = ManagedProcess & {
  /** Every line it has logged so far. */
  readonly lines: readonly string[]
  readonly healthUrl: string
}

/** A worker as a real process, started and ready; stopped in teardown. Nothing restarts it. */
export const startService = async (
  t: TestContext,
  name: 'evaluator' | 'scorer' | 'leaderboard',
  options: {
    readonly urls: { readonly nats: string; readonly postgres: string; readonly redis?: string }
    readonly copy?: number
    readonly env?: Readonly<Record<string, string>>
  },
): Promise<TestService> => {
  const lines: string[] = []
  const healthPort = await freePort()
  const context: ServiceContext = {
    options: { dir: '', ...(options.env !== undefined && { env: options.env }) },
    urlsOf: () => ({ redis: '', ...options.urls }),
    issuer: {} as DevIssuer, // workers know no tokens
    edgePort: 0,
  }
  const service = createService(context, { name, copy: options.copy ?? 1, healthPort }, (line) => lines.push(line))
  t.teardown(() => service.stop())
  await service.start()
  return Object.assign(service, { lines, healthUrl: `http://127.0.0.1:${healthPort}` })
}
