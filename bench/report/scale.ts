import type { Axis } from '../lib/scenario.ts'

/** Maps values to 0..1 and names the places in between. */
export interface Scale {
  position(value: number): number
  readonly ticks: readonly number[]
}

const PERCENTILES = [0, 50, 90, 99, 99.9, 99.99]

/** Equal distances between 0, 90, 99 and 99.9: each as far from 100 as a tenth of the one before. */
const percentileDepth = (percent: number): number => -Math.log10(1 - Math.min(percent, 99.999) / 100)

export const createScale = (axis: Axis, values: readonly number[]): Scale => {
  const finite = values.filter(Number.isFinite)
  const [least, most] = [Math.min(...finite), Math.max(...finite)]
  switch (axis.scale ?? 'linear') {
    case 'percentile': {
      const depth = percentileDepth(most)
      return {
        position: (value) => (depth === 0 ? 0 : percentileDepth(value) / depth),
        ticks: PERCENTILES.filter((percent) => percentileDepth(percent) <= depth * 1.001),
      }
    }
    case 'log': {
      const low = Math.floor(Math.log10(Math.max(least, 1e-3)))
      const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(most, 1e-3))))
      const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
      return { position: (value) => (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low), ticks }
    }
    default: {
      const step = roundStep(most / 5)
      const top = Math.max(step, Math.ceil(most / step) * step)
      const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step)
      return { position: (value) => value / top, ticks }
    }
  }
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
const roundStep = (least: number): number => {
  if (!(least > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * 0.999) ?? 10
  return factor * power
}
