import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createClient, type EventStream, type Player, type PodiumClient } from '#client'
import { type Stack, type StackOptions, startStack } from '../../../../deploy/local/stack.ts'
import { type Report, verifySession } from '../../../verify/index.ts'
import { watchRights } from './rights.ts'
import { createMessageJudge } from './schemas.ts'
import { createSecretWatch, type SecretWatch, signingSecretOf } from './secrets.ts'

/** A running Podium: real servers, real processes. */
export interface Podium {
  readonly stack: Stack
  readonly edgeUrl: string
  /** What must not be in any log. */
  readonly secrets: SecretWatch
  /** A client with the token of a user; the same name is the same user. */
  user(name: string, roles?: readonly string[]): Promise<PodiumClient>
  host(): Promise<PodiumClient>
  token(name: string, roles?: readonly string[]): Promise<string>
  /** Closed before the stack is stopped; a client that is left open would go on reconnecting. */
  closeAtEnd(stream: { close(): void }): void
  /** Every message it receives must be as proto/asyncapi.yaml says; the test fails in teardown otherwise. */
  judge(stream: Pick<EventStream, 'on'>): void
  /** Both of them, for `createGame`. */
  onPlayer(player: Player): void
  /** What ledger, totals, board and the stream of answers disagree in; empty when all is well. */
  differences(sessionId: string): Promise<Report['differences']>
}

/** For tests of what copies must do together. */
export const TWO_OF_EACH = { session: 2, worker: 2, edge: 2 } as const
/** The same with the worker's roles in processes of their own. */
export const APART = { session: 2, evaluator: 2, scorer: 2, leaderboard: 2, edge: 2 } as const

/** Starts a Podium of the test's own; gone, with its data, in teardown. */
export const startPodium = async (t: Test, options: Partial<StackOptions> = {}): Promise<Podium> => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-e2e-'))
  t.teardown(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const { onLine, check } = watchRights(join(dir, 'keys/credentials.json'))
  t.teardown(check)
  const secrets = createSecretWatch()
  t.teardown(secrets.check)
  const stack = await startStack({
    dir,
    logLevel: 'warn',
    readyTimeoutMs: 60_000,
    ...options,
    onLine: (line) => {
      options.onLine?.(line)
      onLine(line)
      secrets.onLine(line)
    },
  })
  secrets.plant(signingSecretOf(stack.keysDir))
  const open: { close(): void }[] = []
  t.teardown(async () => {
    for (const stream of open) stream.close()
    await stack.stop()
  })
  const judgeOf = createMessageJudge()
  const faults: object[] = []
  t.teardown(() => {
    if (faults.length > 0) throw new Error(`messages not as described: ${JSON.stringify(faults.slice(0, 3))}`)
  })
  const judge = (stream: Pick<EventStream, 'on'>): void => {
    stream.on('*', (event) => {
      const fault = judgeOf(event)
      if (fault !== undefined) faults.push(fault)
    })
  }
  const token = (name: string, roles: readonly string[] = []) =>
    stack.issuer.token({ sub: `user-${name.toLowerCase()}`, name, roles })
  const user = async (name: string, roles?: readonly string[]) =>
    createClient({ baseUrl: stack.urls.edge, token: await token(name, roles) })
  return {
    stack,
    edgeUrl: stack.urls.edge,
    secrets,
    token,
    user,
    host: () => user('Host', ['host']),
    closeAtEnd: (stream) => open.push(stream),
    judge,
    onPlayer: (player) => {
      open.push(player)
      judge(player)
    },
    differences: async (sessionId) => {
      const { postgres, redis, nats } = stack.urlsOf('verify')
      return (await verifySession({ sessionId, databaseUrl: postgres, redisUrl: redis, natsUrl: nats })).differences
    },
  }
}
