import { spawnSync } from 'node:child_process'
import { lstatSync } from 'node:fs'
import { findProgram } from '../programs.ts'

/** How Postgres, which refuses to run as root, is run. */
export type Account = {
  readonly kind: 'ordinary user' | 'user namespace' | 'nobody'
  /** Put before the command. */
  readonly prefix: readonly string[]
  /** Who must own the data folder; undefined where that is us anyway. */
  readonly owner: number | undefined
}

const nobody = 65534

const ordinaryUser: Account = { kind: 'ordinary user', prefix: [], owner: undefined }

/** Inside the namespace we are user 1000, outside still root, so binaries and data below /root stay reachable. */
const userNamespace: Account = {
  kind: 'user namespace',
  prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'],
  owner: 0,
}

/**
 * Where user namespaces are off (containers): the system's user `nobody`, who keeps the one capability to pass folders such as /root. Without
 * `no_setuid_fixup` the kernel ignores that capability in access(2), which Postgres asks about its own binary.
 */
const nobodyAccount: Account = {
  kind: 'nobody',
  prefix: [
    'setpriv',
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
    '--no-new-privs',
    '--securebits=+no_setuid_fixup',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    '--bounding-set=-all,+dac_override',
    '--',
  ],
  owner: nobody,
}

/** A command line as this account runs it. */
export const runAs = (
  account: Account,
  file: string,
  args: readonly string[],
): { file: string; args: readonly string[] } => {
  const [program, ...options] = account.prefix
  return program === undefined ? { file, args } : { file: program, args: [...options, file, ...args] }
}

/** The first way that works here. `wanted` forces one, for those who want to see it work. */
export const findAccount = (wanted = process.env.PODIUM_POSTGRES_ACCOUNT): Account => {
  if (process.getuid?.() !== 0) return ordinaryUser
  const found = [userNamespace, nobodyAccount]
    .filter((account) => wanted === undefined || account.kind === wanted)
    .find(works)
  if (found !== undefined) return found
  throw new Error(
    'Postgres does not run as root, and neither user namespaces (unshare) nor setpriv work here; use an ordinary user, or set DATABASE_URL',
  )
}

const works = ({ prefix: [program = '', ...args] }: Account): boolean => {
  const path = findProgram(program)
  return (
    path !== undefined && spawnSync(path, [...args, 'test', '-x', process.execPath], { stdio: 'ignore' }).status === 0
  )
}

/** Gives a folder to the account's owner, unless `witness` inside it shows that it is theirs already. */
export const giveTo = (account: Account, folder: string, witness: string): void => {
  if (account.owner === undefined || lstatSync(witness).uid === account.owner) return
  const result = spawnSync('chown', ['-R', `${account.owner}:${account.owner}`, folder], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`cannot give ${folder} to user ${account.owner}: ${result.stderr}`)
}
