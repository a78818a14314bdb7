import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../paths.ts'
import { findProgram } from '../programs.ts'

const run = promisify(execFile)
const DOWNLOAD_MS = 120_000

/** Kept with the project, whatever PODIUM_DIR says: packages are the same for every stack. */
const toolsDir = join(projectRoot, '.podium/tools')

/**
 * The folder into which a package of this Debian or Ubuntu was unpacked, as `usr/bin/…` below it: downloaded once, without
 * root, and nothing of it is installed, configured or started. `alongside` are packages that its files refer to and that
 * it can do without; where one is not to be had, it is left out.
 * @throws Error with the reason where that is not possible: another system, no network, no such package.
 */
export const unpackDebianPackage = async (name: string, alongside: readonly string[] = []): Promise<string> => {
  const folder = join(toolsDir, name)
  if (existsSync(folder)) return folder
  if (findProgram('apt-get') === undefined || findProgram('dpkg-deb') === undefined) {
    throw new Error(`${name} is taken from Debian's package, and this system has no apt-get`)
  }
  await mkdir(toolsDir, { recursive: true, mode: 0o700 })
  // Several may do this at once: each in a folder of its own, the first one's result stays.
  const work = await mkdtemp(join(toolsDir, `${name}.`))
  try {
    await download([name], work)
    if (alongside.length > 0) await download(alongside, work).catch(() => downloadEach(alongside, work))
    const unpacked = join(work, 'unpacked')
    for (const file of (await readdir(work)).filter((entry) => entry.endsWith('.deb'))) {
      await run('dpkg-deb', ['--extract', join(work, file), unpacked], { timeout: DOWNLOAD_MS })
    }
    await rename(unpacked, folder).catch((cause) => {
      if (!existsSync(folder)) throw cause
    })
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const download = async (names: readonly string[], folder: string): Promise<void> => {
  try {
    await run('apt-get', ['download', ...names], { cwd: folder, timeout: DOWNLOAD_MS })
  } catch (cause) {
    throw new Error(`apt-get download ${names[0]} failed: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

const downloadEach = async (names: readonly string[], folder: string): Promise<void> => {
  for (const name of names) await download([name], folder).catch(() => undefined) // they are a convenience
}
