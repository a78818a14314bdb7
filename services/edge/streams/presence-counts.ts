/** Who is connected, by join order: bit n % 8 of byte n / 8. A thousand players take 125 bytes, whoever sends them. */
export type Presence = Uint8Array

/** Join orders beyond this are not marked; sessions have fewer players. */
const MAX_JOIN_ORDER = 2 ** 20

export const NOBODY: Presence = new Uint8Array()

export const presenceOf = (joinOrders: Iterable<number>): Presence => {
  const orders = [...joinOrders].filter((order) => order >= 0 && order <= MAX_JOIN_ORDER)
  const bits = new Uint8Array(orders.length === 0 ? 0 : (orders.reduce((a, b) => Math.max(a, b)) >> 3) + 1)
  for (const order of orders) bits[order >> 3] = (bits[order >> 3] ?? 0) | (1 << (order & 7))
  return bits
}

export const isPresent = (bits: Presence, joinOrder: number): boolean =>
  (((bits[joinOrder >> 3] ?? 0) >> (joinOrder & 7)) & 1) === 1

/** Everybody who is in any of them. */
export const union = (all: readonly Presence[]): Presence => {
  const bits = new Uint8Array(all.reduce((longest, { length }) => Math.max(longest, length), 0))
  for (const each of all) for (const [index, byte] of each.entries()) bits[index] = (bits[index] ?? 0) | byte
  return bits
}
