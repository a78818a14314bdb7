import type { MetricSpec } from './metric-spec.ts'

export const sessionMetrics = {
  timerLateness: {
    name: 'podium.timer.lateness',
    type: 'histogram',
    unit: 's',
    description: 'From the deadline of a timer to the beginning of what it does',
    services: ['session'],
  },
  transitions: {
    name: 'podium.session.transitions',
    type: 'counter',
    unit: '{transition}',
    description: 'Transitions of sessions by event',
    attributes: ['podium.event'],
    services: ['session'],
    onDemand: true,
  },
  outboxTakenOver: {
    name: 'podium.outbox.taken_over',
    type: 'counter',
    unit: '{session}',
    description: 'Sessions whose committed messages another copy had left behind',
    services: ['session'],
  },
} as const satisfies Record<string, MetricSpec>

export const workerMetrics = {
  evaluatedAnswers: {
    name: 'podium.evaluator.answers',
    type: 'counter',
    unit: '{answer}',
    description: 'Answers evaluated',
    services: ['evaluator', 'worker'],
  },
  ledgerRows: {
    name: 'podium.scorer.answers',
    type: 'counter',
    unit: '{answer}',
    description: 'Evaluations given to the ledger: recorded, or there before (repeated)',
    attributes: ['podium.outcome'],
    services: ['scorer', 'worker'],
  },
  boardUpdates: {
    name: 'podium.leaderboard.updates',
    type: 'counter',
    unit: '{player}',
    description: 'Standings given to the board: applied, or not newer (stale)',
    attributes: ['podium.outcome'],
    services: ['leaderboard', 'worker'],
  },
  boardRebuilds: {
    name: 'podium.leaderboard.rebuilds',
    type: 'counter',
    unit: '{board}',
    description: 'Boards rebuilt from the ledger under a new epoch, also those built for the first time',
    services: ['leaderboard', 'worker'],
  },
  verifications: {
    name: 'podium.verify.sessions',
    type: 'counter',
    unit: '{session}',
    description: 'Sessions recomputed from their ledger: match or mismatch',
    attributes: ['podium.outcome'],
    services: ['verify'],
    onDemand: true,
  },
} as const satisfies Record<string, MetricSpec>
