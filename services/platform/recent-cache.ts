/** A bounded map that forgets what was not used lately. */
export interface RecentCache<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
}

/**
 * Two generations instead of an exact order of use: a hit in the old one moves to the young one, and when that is half
 * the capacity the old one is dropped. A hit costs one or two look-ups, never a re-insertion.
 */
export const createRecentCache = <K, V>(capacity: number): RecentCache<K, V> => {
  const half = Math.max(1, Math.floor(capacity / 2))
  let young = new Map<K, V>()
  let old = new Map<K, V>()

  const set = (key: K, value: V): void => {
    if (young.size >= half && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    set,
    get: (key) => {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) {
        old.delete(key)
        set(key, older)
      }
      return older
    },
    delete: (key) => {
      young.delete(key)
      old.delete(key)
    },
  }
}
