/**
 * Loaded into services before anything else, by NODE_OPTIONS: their wall clock is wrong by so much. The monotonic clock is
 * what it is.
 */
const HOUR_MS = 3_600_000

const SKEWS: Readonly<Record<string, number>> = {
  'edge-1': HOUR_MS,
  'edge-2': -HOUR_MS,
  'evaluator-1': HOUR_MS,
  'scorer-1': -HOUR_MS,
  'leaderboard-1': HOUR_MS,
}

const skew = SKEWS[process.env.INSTANCE ?? ''] ?? 0
const trueNow = Date.now

if (skew !== 0) {
  Date.now = () => trueNow() + skew
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [trueNow() + skew] : args, newTarget),
  })
}
