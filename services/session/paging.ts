import { type FieldError, PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'

/** Where a row stands in a list that is ordered by a time (milliseconds) and an id, both descending. */
export interface Place {
  readonly at: number
  readonly id: string
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | undefined
}

export interface PageInput {
  readonly limit: number
  /** `nextCursor` of the page before. */
  readonly cursor: string | undefined
}

const MAX_PAGE = 100

/** Where a page begins. @throws PodiumError `malformed` */
export const pageOf = (
  { limit, cursor }: PageInput,
  errors: readonly FieldError[] = [],
): { readonly limit: number; readonly before: Place | undefined } => {
  const before = cursor === undefined ? undefined : placeOf(cursor)
  const faults = [
    ...(Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE ? [] : [{ pointer: '/limit', code: 'range' }]),
    ...errors,
    ...(cursor !== undefined && before === undefined ? [{ pointer: '/cursor', code: 'format' }] : []),
  ]
  if (faults.length > 0) throw new PodiumError('malformed', { errors: faults })
  return { limit, before }
}

/** The page of rows of which one more than `limit` was read, if there are as many. */
export const pageFrom = <Item>(found: readonly Item[], limit: number, place: (item: Item) => Place): Page<Item> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(place(last)) : undefined }
}

const cursorOf = ({ at, id }: Place): string => Buffer.from(`${at} ${id}`).toString('base64url')

const placeOf = (cursor: string): Place | undefined => {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  return /^\d{1,15}$/.test(at) && isId(id) ? { at: Number(at), id } : undefined
}
