import { LRUCache } from 'lru-cache'
import { PodiumError } from '#platform/errors'
import { failpoint } from '#platform/failpoint'
import type { Span } from '#platform/telemetry'
import { newestOf, type Totals } from '../game/scoring/totals.ts'

/** A state of a board. The epoch grows when it is built anew, the version, from 1, with every change within it. */
export interface BoardVersion {
  readonly epoch: number
  readonly version: number
}

/** What an apply did: the version before and after, equal when nothing changed, and the totals that changed. */
export interface Applied {
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly changed: readonly Totals[]
}

export interface BoardContent extends BoardVersion {
  /** Every player on the board, in no particular order. */
  readonly totals: readonly Totals[]
}

/**
 * Where boards are stored. A board is `lost` when it was never built, when the store has forgotten it, or when the store is
 * not the one it was built on; then it has to be rebuilt. All methods throw PodiumError `unavailable` while the store is
 * unavailable.
 */
export interface BoardStore {
  /**
   * Takes over what is newer than the board's (see isNewer), all of it at once. Each player once. Idempotent, in any
   * order, from any number of processes.
   */
  apply(sessionId: string, totals: readonly Totals[], span?: Span): Promise<Applied | 'lost'>
  /** Writes a lost board. Of a board that is there only the epoch is raised. Returns the version afterwards. */
  rebuild(sessionId: string, epoch: number, totals: readonly Totals[]): Promise<BoardVersion>
  read(sessionId: string): Promise<BoardContent | 'lost'>
  /** One outcome per session, in order. Changes nothing. */
  check(sessionIds: readonly string[]): Promise<readonly (BoardVersion | 'lost')[]>
  /** Makes a board lost. */
  drop(sessionId: string): Promise<void>
}

/** Begins a new epoch of a board, greater than every one before, and reads every player of the session after that. */
export type BeginEpoch = (sessionId: string) => Promise<NewEpoch | 'unknown-session' | 'unavailable'>

export interface NewEpoch {
  readonly epoch: number
  readonly totals: readonly Totals[]
}

/** The answers that totals come from, as far as they are measured. */
export interface Origin {
  /** When the oldest arrived at its edge, milliseconds since the Unix epoch; 0 when there are none. */
  readonly firstReceivedAtMs: number
  /** Those that are traced. */
  readonly span: Span | undefined
}

/** Sends a change to every edge. An edge that misses it notices by the versions and asks for a snapshot. */
export type Announce = (sessionId: string, applied: Applied, origin?: Origin) => void

/** `unavailable`: the board is lost, and Postgres is unavailable. */
export type ApplyOutcome = 'applied' | 'unknown-session' | 'unavailable'

/** What this copy last saw of a board that it has read or changed lately. */
interface RecentBoard {
  /** The version at the last check, and whether edges were sent it after it had come to rest. */
  seen: BoardVersion | undefined
  announced: boolean
}

/** Players in one call of the store, which serves no other call meanwhile. */
const MAX_PLAYERS = 1_000
/** A board that is lost again right after it was rebuilt means that the store is in trouble. */
const MAX_REBUILDS = 2
/** Boards checked in one round trip. */
const SLICE = 200
/** A board unused for this long is no longer checked; it is still repaired on demand. */
const RECENT_MS = 600_000
const MAX_RECENT = 10_000

/** Everything that is done with boards. A board that is lost is rebuilt once, for all that need it. */
export const createBoards = (
  store: BoardStore,
  beginEpoch: BeginEpoch,
  announce: Announce,
  { recentMs = RECENT_MS, maxRecent = MAX_RECENT, now = performance as { now(): number } } = {},
) => {
  const recent = new LRUCache<string, RecentBoard>({ max: maxRecent, ttl: recentMs, ttlResolution: 0, perf: now })
  const rebuilding = new Map<string, Promise<BoardVersion | 'unknown-session' | 'unavailable'>>()

  const touch = (sessionId: string): void => {
    recent.set(sessionId, recent.get(sessionId) ?? { seen: undefined, announced: false })
  }

  const rebuildNow = async (sessionId: string) => {
    const begun = await beginEpoch(sessionId)
    return typeof begun === 'string' ? begun : store.rebuild(sessionId, begun.epoch, begun.totals)
  }

  /** Callers that need the same board share one rebuild: newer totals than it reads are applied after it. */
  const rebuild = (sessionId: string) => {
    const known = rebuilding.get(sessionId)
    if (known !== undefined) return known
    const started = rebuildNow(sessionId).finally(() => rebuilding.delete(sessionId))
    rebuilding.set(sessionId, started)
    return started
  }

  const announceVersion = (sessionId: string, { epoch, version }: BoardVersion): void =>
    announce(sessionId, { epoch, from: version, to: version, changed: [] })

  const applyOrRebuild = async (sessionId: string, totals: readonly Totals[], span: Span | undefined) => {
    for (let rebuilds = 0; rebuilds <= MAX_REBUILDS; rebuilds += 1) {
      const applied = await store.apply(sessionId, totals, span)
      if (applied !== 'lost') return applied
      const rebuilt = await rebuild(sessionId)
      if (typeof rebuilt === 'string') return rebuilt
    }
    throw lostAgain()
  }

  const checkSlice = async (slice: readonly (readonly [string, RecentBoard])[]): Promise<void> => {
    const versions = await store.check(slice.map(([sessionId]) => sessionId))
    for (const [index, [sessionId, board]] of slice.entries()) {
      const found = versions[index] ?? 'lost'
      if (found !== 'lost' && (board.seen?.epoch !== found.epoch || board.seen.version !== found.version)) {
        board.seen = found
        board.announced = false
        continue
      }
      if (found !== 'lost' && board.announced) continue
      const version = found === 'lost' ? await rebuild(sessionId) : found
      if (typeof version === 'string') continue
      board.seen = version
      board.announced = true
      announceVersion(sessionId, version)
    }
  }

  return {
    /**
     * Brings one board up to date and announces it, also when nothing was new: a copy that died between the two may have
     * done the former only. May be repeated with the same totals at any time.
     * @throws PodiumError `unavailable` when the store is unavailable.
     */
    apply: async (
      sessionId: string,
      totals: readonly Totals[],
      origin: Origin = { firstReceivedAtMs: 0, span: undefined },
    ): Promise<ApplyOutcome> => {
      const newest = newestOf(totals)
      for (let start = 0; start < newest.length; start += MAX_PLAYERS) {
        const applied = await applyOrRebuild(sessionId, newest.slice(start, start + MAX_PLAYERS), origin.span)
        if (typeof applied === 'string') return applied
        failpoint('leaderboard.after-apply')
        touch(sessionId)
        announce(sessionId, applied, origin)
      }
      return 'applied'
    },

    /**
     * A whole board, rebuilt first when it is lost.
     * @throws PodiumError `unavailable`
     */
    read: async (sessionId: string): Promise<BoardContent | 'unknown-session'> => {
      const content = await store.read(sessionId)
      if (content !== 'lost') {
        touch(sessionId)
        return content
      }
      const rebuilt = await rebuild(sessionId)
      if (rebuilt === 'unknown-session') return rebuilt
      if (rebuilt === 'unavailable') throw unavailable('Postgres is unavailable; the board is not rebuilt')
      touch(sessionId)
      announceVersion(sessionId, rebuilt)
      const again = await store.read(sessionId)
      if (again !== 'lost') return again
      throw lostAgain()
    },

    /**
     * One check of all recent boards. A lost one is rebuilt and announced, so that a board comes back without waiting for
     * the next answer. One that has come to rest since the last check is announced once: an edge that missed its last
     * delta gets no later one to notice the gap by. Boards in motion are left alone, since another copy's delta may be
     * under way.
     * @throws PodiumError `unavailable` when the store is unavailable; the rest waits for the next check.
     */
    watch: async (): Promise<void> => {
      recent.purgeStale()
      const list = [...recent.entries()]
      for (let start = 0; start < list.length; start += SLICE) await checkSlice(list.slice(start, start + SLICE))
    },

    /** Builds a board from the ledger, also one that is there, and announces it. @throws PodiumError `unavailable` */
    replace: async (sessionId: string): Promise<BoardVersion | 'unknown-session'> => {
      await store.drop(sessionId)
      const rebuilt = await rebuild(sessionId)
      if (rebuilt === 'unavailable') throw unavailable('Postgres is unavailable; the board is not rebuilt')
      if (rebuilt !== 'unknown-session') announceVersion(sessionId, rebuilt)
      return rebuilt
    },

    /** Edges may have missed anything: the next checks announce every board once more. */
    forgetAnnouncements: (): void => {
      recent.forEach((board) => {
        board.announced = false
      })
    },
  }
}

export type BoardsUseCase = ReturnType<typeof createBoards>

const unavailable = (reason: string): PodiumError => new PodiumError('unavailable', { cause: new Error(reason) })
const lostAgain = (): PodiumError => unavailable('the board is lost as soon as it is rebuilt')
