/** How often a changed board goes to its audience. A tick is the time in which the last of it has been told of a change. */

/** Nobody sees a difference below this, and everything that changes within it costs one delivery. */
export const TICK_MS = 100

/** A lobby's board changes with every join, and nothing in it is worth a tenth of a second. */
export const LOBBY_TICK_MS = 1_000

/** CPU of one delivery, measured on the machine that the project is sized for. */
const DELIVERY_MS = 0.008

/** A tick is at least so many times as long as the delivery that ends it, so that fan-out takes half a core at the most. */
const SLACK = 3

/** After a rest the first change goes out this soon; what comes with it still shares its frame. */
export const GATHER_MS = 10

/** Length of a tick; `audience`: clients of all boards that wait for their frame. */
export const tickMs = (audience: number, atLeastMs = TICK_MS): number =>
  Math.max(atLeastMs, Math.ceil(audience * DELIVERY_MS * SLACK))

/**
 * Time from a change to the beginning of its delivery, when the last one began `sinceLastMs` ago and took `tookMs`: a change
 * that just missed it waits for the next one, and that has to be over within the tick. A delivery that takes very long, because
 * the machine is busy, does not make them follow each other without a pause.
 */
export const delayMs = (tick: number, sinceLastMs: number, tookMs = 0): number =>
  Math.max(GATHER_MS, Math.floor(Math.max(tick / 2, tick - tookMs) - sinceLastMs))
