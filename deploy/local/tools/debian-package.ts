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
 * root, and nothing of it is installed, configured or started. The programs of it must need no other package.
 * @throws Error with the reason where that is not possible: another system, no network, no such package.
 */
export const unpackDebianPackage = async (name: string): Promise<string> => {
  const folder = join(toolsDir, name)
  if (existsSync(folder)) return folder
  if (findProgram('apt-get') === undefined || findProgram('dpkg-deb') === undefined) {
    throw new Error(`${name} is taken from Debian's package, and this system has no apt-get`)
  }
  await mkdir(toolsDir, { recursive: true, mode: 0o700 })
  // Several may do this at once: each in a folder of its own, the first one's result stays.
  const work = await mkdtemp(join(toolsDir, `${name}.`))
  try {
    await run('apt-get', ['download', name], { cwd: work, timeout: DOWNLOAD_MS }).catch((cause) => {
      throw new Error(`apt-get download ${name} failed: ${cause instanceof Error ? cause.message : cause}`, { cause })
    })
    const file = (await readdir(work)).find((entry) => entry.endsWith('.deb'))
    if (file === undefined) throw new Error(`apt-get download ${name} left no package`)
    const unpacked = join(work, 'unpacked')
    await run('dpkg-deb', ['--extract', join(work, file), unpacked], { timeout: DOWNLOAD_MS })
    await rename(unpacked, folder).catch((cause) => {
      if (!existsSync(folder)) throw cause
    })
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Full path of a program: the installed one, else that of the unpacked package. Throws like unpackDebianPackage. */
export const findOrUnpack = async (program: string, packageName: string): Promise<string> => {
  const installed = findProgram(program)
  if (installed !== undefined) return installed
  const folder = await unpackDebianPackage(packageName)
  const path = ['usr/bin', 'usr/sbin'].map((bin) => join(folder, bin, program)).find((each) => existsSync(each))
  if (path === undefined) throw new Error(`the package ${packageName} has no program ${program}`)
  return path
}
