/** How a session treats the delay of the network: as answering time, or measured and taken off. */
export const LAG_COMPENSATIONS = ['measured', 'off'] as const
export type LagCompensation = (typeof LAG_COMPENSATIONS)[number]

/** The most that a question gives back, whatever was measured: what a client could gain by lying is bounded by it. */
export const MAX_GRANT_MS = 300

/** The time that passed, as it is. */
export const asPassed = (elapsedMs: number): number => elapsedMs

/** The time that passed without the delay of the network, as far as that is given back. */
export const lessDelay = (elapsedMs: number, delayMs: number): number =>
  Math.max(0, elapsedMs - Math.min(delayMs, MAX_GRANT_MS))
