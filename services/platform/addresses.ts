import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** Written by the local stack while it runs. */
const STACK_FILE = '.podium/env'

/**
 * Addresses of the servers for a command, in the order of the names: from the environment, else those of the local stack. An
 * empty variable counts as unset.
 * @throws Error that names all of them when one is missing
 */
export const serverAddresses = <const Names extends readonly string[]>(
  ...names: Names
): { readonly [Name in keyof Names]: string } => {
  const ofStack = existsSync(STACK_FILE) ? parseEnv(readFileSync(STACK_FILE, 'utf8')) : {}
  const found = names.flatMap((name) => process.env[name] || ofStack[name] || [])
  if (found.length === names.length) return found as { [Name in keyof Names]: string }
  const list = new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names)
  throw new Error(`${list} ${names.length === 1 ? 'is' : 'are'} needed; is the local stack running (make up)?`)
}
