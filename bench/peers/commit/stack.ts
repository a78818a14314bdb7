import { join } from 'node:path'
import { serveParent } from '../../lib/processes.ts'

/** The stack of another commit, started by that commit's own code in a process of its own. */

export type CommitOrder =
  | { readonly kind: 'start'; readonly checkout: string; readonly dir: string; readonly env: Record<string, string> }
  | { readonly kind: 'token'; readonly claims: object }
  | { readonly kind: 'stop' }

export interface CommitStarted {
  readonly urls: Readonly<Record<string, string>>
  readonly processes: readonly { readonly name: string; readonly pid: number | undefined }[]
}

/** The part of a stack that every commit has had so far. */
interface Started {
  readonly urls: CommitStarted['urls']
  readonly processes: readonly { readonly name: string; readonly pid?: number | undefined }[]
  readonly issuer: { token(claims: object): Promise<string> }
  stop(): Promise<void>
}

let stack: Started | undefined

const start = async ({ checkout, dir, env }: Extract<CommitOrder, { kind: 'start' }>): Promise<CommitStarted> => {
  const { startStack } = await import(join(checkout, 'deploy/local/stack.ts'))
  stack = (await startStack({ dir, env, logLevel: 'warn' })) as Started
  return { urls: stack.urls, processes: stack.processes.map(({ name, pid }) => ({ name, pid })) }
}

serveParent(async (order: CommitOrder): Promise<CommitStarted | string | undefined> => {
  switch (order.kind) {
    case 'start':
      return start(order)
    case 'token':
      return stack?.issuer.token(order.claims)
    default:
      return void (await stack?.stop())
  }
})
