import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A signed token of any issuer. */
const TOKEN = /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/

/** Looks for secrets in everything that a stack logs: tokens, and texts that a test plants. Passwords: `rights.ts`. */
export interface SecretWatch {
  onLine(line: string): void
  /** From now on this must not be logged either; whatever case. */
  plant(secret: string): void
  /** @throws Error with the first lines that have a secret in them */
  check(): void
}

export const createSecretWatch = (): SecretWatch => {
  const planted = new Set<string>(['canary-'])
  const found: string[] = []
  return {
    onLine: (line) => {
      const text = line.toLowerCase()
      if (TOKEN.test(line) || [...planted].some((secret) => text.includes(secret))) found.push(line)
    },
    plant: (secret) => planted.add(secret.toLowerCase()),
    check: () => {
      if (found.length > 0) throw new Error(`secrets in the log: ${found.slice(0, 3).join('\n')}`)
    },
  }
}

/** The private part of the key that signs player tokens. */
export const signingSecretOf = (keysDir: string): string =>
  JSON.parse(readFileSync(join(keysDir, 'player-signing-key.json'), 'utf8')).d
