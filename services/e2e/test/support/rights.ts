import { existsSync, readFileSync } from 'node:fs'

/** What servers and services log when a user does what it may not. */
const REFUSED = /permissions? (violation|denied)|NOPERM|(publish|subscription) violation/i

/**
 * Reads the log of a stack for what must not be in it: that a service was refused something, which would mean that its user
 * lacks a right, and passwords of the stack's servers. `check` throws when it was.
 */
export const watchRights = (credentialsFile: string) => {
  const faults: string[] = []
  let secrets: readonly string[] = []
  return {
    onLine: (line: string): void => {
      if (secrets.length === 0 && existsSync(credentialsFile)) {
        const servers = JSON.parse(readFileSync(credentialsFile, 'utf8')) as Record<string, Record<string, string>>
        secrets = Object.values(servers).flatMap((passwords) => Object.values(passwords))
      }
      if (REFUSED.test(line)) faults.push(`refused: ${line}`)
      if (secrets.some((secret) => line.includes(secret))) faults.push('a password was logged')
    },
    check: (): void => {
      if (faults.length > 0) throw new Error(`${faults.length} faults: ${faults.slice(0, 3).join('\n')}`)
    },
  }
}
