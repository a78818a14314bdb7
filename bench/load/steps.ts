import type { Load, WaveResult } from './play.ts'
import type { Pattern } from './schedule.ts'

export interface Step {
  readonly name: string
  /** Intended answers per second; undefined where they come all at once. */
  readonly rate: number | undefined
  readonly wave: WaveResult
}

export interface Steps {
  /** Answers accepted before anything was measured. */
  readonly warmed: number
  readonly growing: readonly Step[]
  /** The highest rate that was kept up with; 0 when none was. */
  readonly knee: number
  /** At 50 % and 80 % of the knee, and all at once. */
  readonly quoted: readonly Step[]
}

/** Answers that take longer than this to be accepted show that the rate is not kept up with. */
const KEPT_UP_MS = 250
/** … as does a throughput below this share of the rate. The last batch alone takes some milliseconds. */
const KEPT_UP_SHARE = 0.9

/** Slow enough for the signatures of all tokens to be verified along the way. */
const WARM_PER_SECOND = 2_500

export const keepsUp = ({ rate = 0, wave }: Step): boolean =>
  wave.perSecond >= rate * KEPT_UP_SHARE && wave.latencies.accepted.percentile(99) <= KEPT_UP_MS

export const playSteps = async (
  load: Load,
  rates: readonly number[],
  progress: (text: string) => void,
): Promise<Steps> => {
  let index = 0
  const play = async (name: string, pattern: Pattern): Promise<Step> => {
    const wave = await load.wave(index++, pattern)
    const step = { name, rate: pattern.kind === 'poisson' ? pattern.perSecond : undefined, wave }
    progress(summary(step))
    return step
  }
  const poisson = (perSecond: number): Pattern => ({ kind: 'poisson', perSecond: Math.round(perSecond) })

  const warming = [
    await play('warming', poisson(WARM_PER_SECOND)),
    // What is compiled in the middle of a step would be in its latencies.
    await play('warming again', poisson(Math.min(...rates) * 2)),
  ]
  const growing: Step[] = []
  for (const rate of rates) growing.push(await play(`${rate}/s`, poisson(rate)))
  const knee = Math.max(0, ...growing.filter(keepsUp).map(({ rate = 0 }) => rate))
  // Where not even the lowest rate was kept up with, what went through is as good a base.
  const base = knee > 0 ? knee : Math.max(...growing.map(({ wave }) => wave.perSecond))
  const name = knee > 0 ? 'the knee' : 'the most'
  const quoted = [
    await play(`50 % of ${name}`, poisson(base * 0.5)),
    await play(`80 % of ${name}`, poisson(base * 0.8)),
    await play('thundering', { kind: 'thundering' }),
  ]
  return { warmed: warming.reduce((sum, { wave }) => sum + wave.accepted, 0), growing, knee, quoted }
}

/** Microseconds of CPU per accepted answer by process, without the generator's. */
export const cpuPerAnswer = ({ wave }: Step): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(wave.cpu).map(([name, micros]) => [name, micros / wave.accepted]))

export const totalPerAnswer = (step: Step): number =>
  Object.values(cpuPerAnswer(step)).reduce((sum, micros) => sum + micros, 0)

const summary = (step: Step): string => {
  const { name, wave } = step
  const { accepted, ownScore, visible, lag } = wave.latencies
  const p = (latencies: typeof accepted) =>
    `${latencies.percentile(50).toFixed(1)}/${latencies.percentile(99).toFixed(1)}`
  const parts = Object.entries(cpuPerAnswer(step)).map(([process, micros]) => `${process} ${micros.toFixed(1)}`)
  return (
    `${name}: ${Math.round(wave.perSecond)}/s end to end, ${wave.accepted} of ${wave.sent} accepted ${JSON.stringify(wave.refused)}, ` +
    `p50/p99 accepted ${p(accepted)} own ${p(ownScore)} visible ${p(visible)} lag ${p(lag)} ms, ` +
    `${totalPerAnswer(step).toFixed(1)} µs: ${parts.join(', ')}, generator ${(wave.cpuMicros / wave.accepted).toFixed(1)}`
  )
}
