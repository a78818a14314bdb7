/** A question opens this long after the message that announces it, so that every phone has it before it opens. */
export const OPEN_LEAD_MS = 250

/** Time for answers on their way when a question closes: edges stop admitting on their own clocks, not on ours. */
export const CLOSE_GRACE_MS = 150

/** Longest wait for the ledger to hold every accepted answer before the reveal is made without the rest. */
export const DRAIN_LIMIT_MS = 1_000

/** After a process died in the middle of a close, another one takes it up this long after the drain should have ended. */
export const CLOSE_RECOVERY_MS = 500
