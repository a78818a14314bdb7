import { type Query, sql } from '../database.ts'

const ID_OF_JOIN_CODE = sql(
  'id-of-join-code',
  `SELECT id FROM sessions WHERE join_code = $1 AND status NOT IN ('finished', 'cancelled')`,
)

/** A whole class types the same code within seconds; what it stands for hardly ever changes. */
const TTL_MS = 5_000
const MAX_CODES = 2_000

/** Looks codes up, and remembers for a moment what was found; misses are not remembered. */
export const createJoinCodes = (query: Query): ((joinCode: string) => Promise<string | undefined>) => {
  const known = new Map<string, { readonly id: Promise<string | undefined>; readonly until: number }>()

  const lookUp = async (joinCode: string): Promise<string | undefined> => {
    const [row] = await query<{ readonly id: string }>(ID_OF_JOIN_CODE, [joinCode])
    return row?.id
  }

  return (joinCode) => {
    const now = performance.now()
    const entry = known.get(joinCode)
    if (entry !== undefined && entry.until > now) return entry.id
    const id = lookUp(joinCode)
    // Also while it is being looked up, so that many at once ask once.
    known.delete(joinCode)
    known.set(joinCode, { id, until: now + TTL_MS })
    const forget = (): void => {
      if (known.get(joinCode)?.id === id) known.delete(joinCode)
    }
    id.then((found) => {
      if (found === undefined) forget()
    }, forget)
    for (const oldest of known.keys()) {
      if (known.size <= MAX_CODES) break
      known.delete(oldest)
    }
    return id
  }
}
