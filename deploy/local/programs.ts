import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian keeps nats-server in /usr/sbin, which an ordinary user does not have on the path; Homebrew has folders of its own. */
const moreFolders = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/bin',
  '/sbin',
  '/opt/homebrew/bin',
  '/opt/homebrew/sbin',
]

/** Full path of the first of these programs that exists, or undefined. */
export const findProgram = (...names: readonly string[]): string | undefined => {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...moreFolders]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** Like findProgram, but a missing program is an error that says what to do. */
export const requireProgram = (...names: readonly string[]): string => {
  const path = findProgram(...names)
  if (path === undefined) throw new Error(`${names.join(' or ')} is not installed; run: make setup`)
  return path
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
