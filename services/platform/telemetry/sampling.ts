import type { SpanContext } from '@opentelemetry/api'
import { isSampled } from './trace-context.ts'

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
export type SamplerName = (typeof SAMPLERS)[number]

/** Whether work is recorded; `parent` is undefined where a trace begins. */
export type Sampler = (parent: SpanContext | undefined) => boolean

/**
 * Traces a second that clients may have recorded by asking for it; those beyond are sampled like any other, so that
 * no client decides what we spend on telemetry.
 */
const ASKED_PER_SECOND = 100

/** The standard samplers. A ratio is drawn once, at the beginning of a trace; later spans keep to it. */
export const createSampler = (
  name: SamplerName,
  ratio: number,
  { now = () => performance.now(), random = Math.random } = {},
): Sampler => {
  const share = name.endsWith('always_on') ? 1 : name.endsWith('always_off') ? 0 : ratio
  const draw = (): boolean => share > 0 && random() < share
  if (!name.startsWith('parentbased_')) return draw

  const isWithinLimit = createPerSecond(ASKED_PER_SECOND, now)
  return (parent) => {
    if (parent === undefined) return draw()
    return isSampled(parent) && (isWithinLimit() || draw())
  }
}

/** True for the first so many calls in every second. */
export const createPerSecond = (limit: number, now: () => number = () => performance.now()): (() => boolean) => {
  let since = now()
  let calls = 0
  return () => {
    const at = now()
    if (at - since >= 1_000) {
      since = at
      calls = 0
    }
    calls += 1
    return calls <= limit
  }
}
