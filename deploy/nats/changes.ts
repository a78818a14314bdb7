import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream'

/**
 * - `change`: the server applies it, and nothing that is kept today is dropped by it
 * - `weaker`: the server would apply it, and drop copies, messages or guarantees that are there
 * - `impossible`: no server changes it on what exists
 */
export type ChangeKind = 'change' | 'weaker' | 'impossible'

/** One setting in which a declaration differs from what a server has. */
export interface Change {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
  readonly kind: ChangeKind
}

/** Fields of which less is weaker. `unlimited` is how a server writes that there is no limit. */
const STREAM_LIMITS: ReadonlyMap<string, { readonly unlimited?: number }> = new Map([
  ['num_replicas', {}],
  ['duplicate_window', {}],
  ['max_age', { unlimited: 0 }],
  ['max_bytes', { unlimited: -1 }],
  ['max_msgs', { unlimited: -1 }],
  ['max_msgs_per_subject', { unlimited: -1 }],
  ['max_msg_size', { unlimited: -1 }],
])
const STREAM_FIXED: ReadonlySet<string> = new Set(['storage', 'retention'])

const CONSUMER_LIMITS: ReadonlyMap<string, { readonly unlimited?: number }> = new Map([
  ['num_replicas', {}],
  ['max_deliver', { unlimited: -1 }],
])
const CONSUMER_FIXED: ReadonlySet<string> = new Set(['ack_policy', 'replay_policy', 'max_waiting'])
/** Where a consumer began is its own: session/recovery sets one back, and the declaration says where a new one begins. */
const CONSUMER_KEPT: ReadonlySet<string> = new Set(['deliver_policy', 'opt_start_seq', 'opt_start_time'])

/** What applying a declaration would change; fields that it leaves out stay as they are. */
export const streamChanges = (existing: Partial<StreamConfig>, declared: Partial<StreamConfig>): readonly Change[] =>
  changesOf(existing, declared, (field, from, to) => {
    if (STREAM_FIXED.has(field)) return 'impossible'
    const limit = STREAM_LIMITS.get(field)
    if (limit !== undefined) return isLess(from, to, limit.unlimited) ? 'weaker' : 'change'
    // A subject that no stream takes any more: what is published there is stored nowhere.
    if (field === 'subjects') return isSubset(from, to) ? 'change' : 'weaker'
    return 'change'
  })

/** The same for a consumer. */
export const consumerChanges = (
  existing: Partial<ConsumerConfig>,
  declared: Partial<ConsumerConfig>,
): readonly Change[] =>
  changesOf(existing, declared, (field, from, to) => {
    if (CONSUMER_KEPT.has(field)) return undefined
    if (CONSUMER_FIXED.has(field)) return 'impossible'
    const limit = CONSUMER_LIMITS.get(field)
    return limit !== undefined && isLess(from, to, limit.unlimited) ? 'weaker' : 'change'
  })

const changesOf = (
  existing: object,
  declared: object,
  kindOf: (field: string, from: unknown, to: unknown) => ChangeKind | undefined,
): readonly Change[] => {
  const before = existing as Readonly<Record<string, unknown>>
  return Object.entries(declared).flatMap(([field, to]) => {
    const from = before[field]
    if (to === undefined || isAsDeclared(from, to)) return []
    const kind = kindOf(field, from, to)
    return kind === undefined ? [] : [{ field, from, to, kind }]
  })
}

/** Servers add defaults inside of objects, and may list subjects in another order. */
const isAsDeclared = (from: unknown, to: unknown): boolean => {
  if (Array.isArray(to)) return isSubset(from, to) && isSubset(to, from)
  if (typeof to !== 'object' || to === null) return from === to
  return (
    typeof from === 'object' &&
    from !== null &&
    Object.entries(to).every(([key, value]) => isAsDeclared((from as Record<string, unknown>)[key], value))
  )
}

const isSubset = (part: unknown, whole: unknown): boolean =>
  Array.isArray(part) && Array.isArray(whole) && part.every((one) => whole.includes(one))

/** A field that the server does not name has no limit, or none that could be undercut. */
const isLess = (from: unknown, to: unknown, unlimited: number | undefined): boolean => {
  const amount = (value: unknown): number =>
    typeof value !== 'number' || value === unlimited ? Number.POSITIVE_INFINITY : value
  return unlimited === undefined && typeof from !== 'number' ? false : amount(to) < amount(from)
}

const IN_NANOSECONDS: ReadonlySet<string> = new Set(['max_age', 'duplicate_window', 'ack_wait'])

/** As in "FEED: max_age 604800 s → 3600 s". */
export const describeChange = (name: string, { field, from, to }: Change): string => {
  const text = (value: unknown): string => {
    if (typeof value === 'number' && IN_NANOSECONDS.has(field)) return `${value / 1e9} s`
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set')
  }
  return `${name}: ${field} ${text(from)} → ${text(to)}`
}
