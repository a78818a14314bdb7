/** A question is announced this long before it opens, so that every phone has it by then. */
export const OPEN_LEAD_MS = 250

/** What must be left of the lead when the announcement is late; a question opens on time unless less is left. */
export const MIN_OPEN_LEAD_MS = 100

/** An announcement that is stored no later than this after the opening is in time. */
export const LATE_ANNOUNCEMENT_MS = 500

/** What an outage takes of the time of a question is given back from this on. */
export const MIN_EXTENSION_MS = 100

/** Time for answers on their way when a question closes: edges stop admitting on their own clocks, not on ours. */
export const CLOSE_GRACE_MS = 150

/** Longest wait for the ledger to hold every accepted answer before the reveal is made without the rest. */
export const DRAIN_LIMIT_MS = 1_000

/** After a process died in the middle of a close, another one takes it up this long after the drain should have ended. */
export const CLOSE_RECOVERY_MS = 500
