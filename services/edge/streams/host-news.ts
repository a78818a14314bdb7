import type { PresenceView } from '../ports.ts'
import type { Audience } from './audience.ts'
import { presenceFrame } from './messages.ts'

/** Tells the hosts of one session who is connected: at most once a second, and only what is news. */
export interface HostNews {
  /** Somebody has not been told yet. */
  again(): void
  /** Called once a second. */
  sweep(): void
  close(): void
}

export interface HostNewsOptions {
  readonly audience: Pick<Audience, 'hosts'>
  readonly presence: { settled(): Promise<void> }
  readonly now: () => PresenceView
}

export const createHostNews = ({ audience, presence, now }: HostNewsOptions): HostNews => {
  let told: string | undefined
  let isReady = false
  let isClosed = false

  const sweep = (): void => {
    const hosts = [...audience.hosts()]
    if (!isReady || isClosed || hosts.length === 0) return
    const news = now()
    const text = JSON.stringify(news)
    if (text === told) return
    told = text
    const frame = presenceFrame(news)
    for (const host of hosts) host.show(frame)
  }

  void presence.settled().then(() => {
    isReady = true
    sweep()
  })

  return {
    again: () => {
      told = undefined
    },
    sweep,
    close: () => {
      isClosed = true
    },
  }
}
