import type { Clock } from '#platform/clock'
import { sessionJson } from '../api/public-json.ts'
import type { PlayerView, SessionReplica } from '../ports.ts'
import { TOP } from './board-frames.ts'
import { type Frame, type OwnMembers, ownMembers } from './frame.ts'
import { snapshotFrame } from './messages.ts'
import type { StreamSession } from './session-ports.ts'

/** Makes `session.snapshot`, its shared part once for everybody who connects while nothing changes. */
export interface Snapshots {
  /** The session as it is now. */
  frame(session: StreamSession, replica: SessionReplica): Frame
  own(me: PlayerView | undefined): OwnMembers
}

interface Cached {
  readonly frame: Frame
  readonly position: number
  readonly playerCount: number
  readonly changes: number
}

export const createSnapshots = ({ clock }: { readonly clock: Clock }): Snapshots => {
  const cache = new WeakMap<StreamSession, Cached>()
  return {
    frame: (session, replica) => {
      const { position, playerCount, state } = replica
      const changes = session.view.changes()
      const cached = cache.get(session)
      if (cached?.position === position && cached.playerCount === playerCount && cached.changes === changes) {
        return cached.frame
      }
      const frame = snapshotFrame(sessionJson(state, playerCount), session.view.top(TOP), position)
      const hasNames = session.view.topIds(TOP).every(session.roster.knows)
      if (hasNames) cache.set(session, { frame, position, playerCount, changes })
      return frame
    },
    own: (me) => ownMembers({ now: clock.now(), ...(me !== undefined && { me }) }),
  }
}
