/** How often a changed board goes to its audience. */

/** Nobody sees a difference below this, and everything that changes within it costs one delivery. */
export const TICK_MS = 100

/** A lobby's board changes with every join, and nothing in it is worth a tenth of a second. */
export const LOBBY_TICK_MS = 1_000

/** CPU of one delivery, measured on the machine that the project is sized for. */
const DELIVERY_MS = 0.006

/** Fan-out takes at most one part in so many of a core. */
const CORE_SHARE = 4

/** After a rest the first change goes out this soon; what comes with it still shares its frame. */
export const GATHER_MS = 10

/** Time between two frames of a board; `audience`: clients of all boards that wait for their frame. */
export const tickMs = (audience: number, atLeastMs = TICK_MS): number =>
  Math.max(atLeastMs, Math.ceil(audience * DELIVERY_MS * CORE_SHARE))

/** Time from a change to its frame, when the last frame began `sinceLastMs` ago. */
export const delayMs = (tick: number, sinceLastMs: number): number => Math.max(GATHER_MS, Math.ceil(tick - sinceLastMs))
