import type { EventStream } from '@podium/client'
import { useCallback, useSyncExternalStore } from 'react'

type Clock = Pick<EventStream, 'serverNow'>

/** A timer that is early by less than this (ms) waits the rest, so that no second is shown twice. */
const MARGIN_MS = 5

/** Whole seconds until `endsAt` by the server's clock, rounded up; 0 from then on, and while there is no `endsAt`. */
export const useCountdown = (clock: Clock | undefined, endsAt: number | undefined): number => {
  const subscribe = useCallback(
    (onChange: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const tick = (): void => {
        onChange()
        schedule()
      }
      const schedule = (): void => {
        const waitMs = untilNextSecond(clock, endsAt)
        if (waitMs !== undefined) timer = setTimeout(tick, waitMs)
      }
      schedule()
      return () => clearTimeout(timer)
    },
    [clock, endsAt],
  )
  const seconds = () => secondsLeft(clock, endsAt)
  return useSyncExternalStore(subscribe, seconds, seconds)
}

export const secondsLeft = (clock: Clock | undefined, endsAt: number | undefined): number =>
  clock === undefined || endsAt === undefined ? 0 : Math.max(0, Math.ceil((endsAt - clock.serverNow()) / 1_000))

/** Milliseconds until `secondsLeft` changes; undefined when it will not. */
export const untilNextSecond = (clock: Clock | undefined, endsAt: number | undefined): number | undefined => {
  if (clock === undefined || endsAt === undefined) return undefined
  const leftMs = endsAt - clock.serverNow()
  return leftMs <= 0 ? undefined : (leftMs % 1_000) + MARGIN_MS
}
