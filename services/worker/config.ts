import { variable } from '#platform/config'
import { configSpec as evaluatorSpec } from '../evaluator/config.ts'
import { configSpec as leaderboardSpec } from '../leaderboard/config.ts'
import { configSpec as scorerSpec } from '../scorer/config.ts'

const ROLES = ['evaluator', 'scorer', 'leaderboard'] as const
export type Role = (typeof ROLES)[number]

/** A list without repetitions; the streams carry what is handed to a role that another process has. */
const roles = (value: string): ReadonlySet<Role> => {
  const names = value.split(',').map((name) => name.trim())
  const known = ROLES.filter((role) => names.includes(role))
  if (known.length === 0 || known.length < names.length) throw new Error(`must be some of ${ROLES.join(',')}`)
  return new Set(known)
}

export const configSpec = {
  WORKER_ROLES: variable('what this process does, comma-separated', new Set<Role>(ROLES) as ReadonlySet<Role>, roles),
  ...evaluatorSpec,
  ...scorerSpec,
  ...leaderboardSpec,
} as const
