import { v7 } from 'uuid'

/** A new time-ordered id (UUID version 7): close together in an index, safe in a subject and in a URL. */
export const newId = (): string => v7()

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for the canonical lower-case form of a UUID, the only form that ids of ours have. */
export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value)
