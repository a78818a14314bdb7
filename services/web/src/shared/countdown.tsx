import type { EventStream } from '#client'
import { useCountdown } from '#react'
import { useTexts } from './texts/index.ts'

interface Props {
  readonly clock: EventStream | undefined
  readonly endsAt: number
  readonly totalMs: number
}

/** The last seconds are shown in another colour. */
const LATE_SECONDS = 5

/** Seconds left by the server's clock, as a number and as a bar. */
export const Countdown = ({ clock, endsAt, totalMs }: Props) => {
  const texts = useTexts()
  const seconds = Math.min(useCountdown(clock, endsAt), Math.ceil(totalMs / 1_000))
  // The bar is on its way to where it will be a second from now.
  const share = Math.max(0, (seconds - 1) * 1_000) / totalMs
  return (
    <div
      className={`countdown ${seconds <= LATE_SECONDS ? 'late' : ''}`}
      role="timer"
      aria-label={texts.secondsLeft(seconds)}
    >
      <span className="bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${share})` }} />
      </span>
      <strong aria-hidden="true">{seconds}</strong>
    </div>
  )
}
