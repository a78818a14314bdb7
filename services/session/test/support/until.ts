import { type EventuallyOptions, eventually } from '../../../platform/test/support/eventually.ts'

/** Waits until `look` finds something, and resolves with it. */
export const until = async <T>(look: () => Promise<T | undefined>, options?: EventuallyOptions): Promise<T> => {
  const found = await eventually(look, options)
  if (found === undefined) throw new Error('found nothing')
  return found
}
