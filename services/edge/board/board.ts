import { compareTotals, sharesRank } from '../../game/scoring/board-order.ts'
import { hasAnswered, type Totals } from '../../game/scoring/totals.ts'

/** A line of the board as shown. */
export interface BoardRow {
  readonly rank: number
  readonly playerId: string
  readonly score: number
  readonly correctAnswers: number
}

/** A player's place on the board. Alive: the numbers are those of the last refresh, whenever they are read. */
export interface Seat {
  readonly rank: number
  readonly score: number
  /** The player has left the board, and this seat with it. */
  readonly isGone: boolean
}

interface Slot {
  newest: Totals
  /** What `rank` was made of; undefined before it is shown for the first time. */
  shown: Totals | undefined
  rank: number
  score: number
  /** Index in the sorted list. */
  index: number
  isGone: boolean
}

/** The index of a slot that has to find its place again. */
const MOVED = -1

const compareShown = (a: Slot, b: Slot): number =>
  a.shown === undefined || b.shown === undefined ? 0 : compareTotals(a.shown, b.shown)

/**
 * The board of one session: total order, shared ranks, version guard. Knows nothing of where totals come from, nor of
 * when they are shown. The newest totals and what is shown are kept apart: `refresh` brings them together.
 */
export type Board = ReturnType<typeof createBoard>

export const createBoard = () => {
  const slots = new Map<string, Slot>()
  const removed = new Set<string>()
  /** Slots whose newest totals are not shown yet. */
  const pending = new Set<Slot>()
  let sorted: Slot[] = []
  let isGone = false // a slot that is in `sorted` left `slots`
  let isComplete = true

  const drop = (playerId: string): void => {
    const slot = slots.get(playerId)
    if (slot === undefined) return
    slots.delete(playerId)
    slot.isGone = true
    pending.delete(slot)
    if (slot.shown !== undefined) isGone = true
  }

  const take = (totals: Totals, isNewer: (known: Totals) => boolean): void => {
    const { playerId } = totals
    if (totals.removed) removed.add(playerId)
    if (removed.has(playerId)) {
      drop(playerId)
      return
    }
    const slot = slots.get(playerId)
    if (slot === undefined) {
      const created: Slot = { newest: totals, shown: undefined, rank: 0, score: 0, index: 0, isGone: false }
      slots.set(playerId, created)
      pending.add(created)
    } else if (isNewer(slot.newest)) {
      slot.newest = totals
      pending.add(slot)
    }
  }

  /** Adopts what may be shown; true when that changed anything. */
  const adopt = (hidden: number | undefined): boolean => {
    const moved: Slot[] = []
    isComplete = true
    for (const slot of pending) {
      if (hidden !== undefined && hasAnswered(slot.newest.answered, hidden)) {
        if (slot.shown === undefined) isComplete = false
        continue
      }
      pending.delete(slot)
      slot.shown = slot.newest
      slot.index = MOVED
      moved.push(slot)
    }
    if (moved.length === 0 && !isGone) return false
    // Two runs in order are merged in little more than one pass.
    sorted = [...sorted.filter((slot) => !slot.isGone && slot.index !== MOVED), ...moved.sort(compareShown)]
    isGone = false
    return true
  }

  const rank = (): void => {
    sorted.sort(compareShown)
    let previous: Slot | undefined
    let index = 0
    for (const slot of sorted) {
      const isShared =
        previous?.shown !== undefined && slot.shown !== undefined && sharesRank(previous.shown, slot.shown)
      slot.index = index++
      slot.rank = isShared && previous !== undefined ? previous.rank : index
      slot.score = slot.shown?.score ?? 0
      previous = slot
    }
  }

  const toRow = ({ rank, shown, newest }: Slot): BoardRow => {
    const { playerId, score, correctAnswers } = shown ?? newest
    return { rank, playerId, score, correctAnswers }
  }

  const shownSlot = (playerId: string): Slot | undefined => {
    const slot = slots.get(playerId)
    return slot?.shown === undefined ? undefined : slot
  }

  return {
    /** Takes newer totals in; older and repeated ones change nothing. */
    apply: (totals: Iterable<Totals>): void => {
      for (const each of totals) take(each, (known) => each.version > known.version)
    },
    /** The whole board from a snapshot: players that are not in it are gone. */
    replace: (totals: Iterable<Totals>): void => {
      const present = new Set<string>()
      for (const each of totals) {
        present.add(each.playerId)
        take(each, (known) => each.version !== known.version || compareTotals(each, known) !== 0)
      }
      for (const playerId of slots.keys()) if (!present.has(playerId)) drop(playerId)
    },
    /**
     * Brings what is shown up to date, with one sort if anything changed, and says whether anything did. While a question
     * is `hidden` (its index), players who have answered it are shown as they were before.
     */
    refresh: (hidden?: number): boolean => {
      const changed = adopt(hidden)
      if (changed) rank()
      return changed
    },
    /** Players shown. */
    size: (): number => sorted.length,
    /** False when the last refresh had to leave a player out who has answered the hidden question. */
    isComplete: (): boolean => isComplete,
    /** From the place `offset` on, 0 for the first. */
    top: (count: number, offset = 0): BoardRow[] => sorted.slice(offset, offset + count).map(toRow),
    /** Up to `reach` rows on either side of a player and the own one; empty for an unknown player. */
    around: (playerId: string, reach: number): BoardRow[] => {
      const slot = shownSlot(playerId)
      return slot === undefined ? [] : sorted.slice(Math.max(0, slot.index - reach), slot.index + reach + 1).map(toRow)
    },
    row: (playerId: string): BoardRow | undefined => {
      const slot = shownSlot(playerId)
      return slot === undefined ? undefined : toRow(slot)
    },
    /** The same object until the player is gone, so that it is looked up once. */
    seat: (playerId: string): Seat | undefined => shownSlot(playerId),
    /** The rank that this score and time would have among those shown. */
    rankOf: (score: number, correctMs: number): number => {
      let low = 0
      let high = sorted.length
      while (low < high) {
        const middle = (low + high) >> 1
        const shown = sorted[middle]?.shown
        const isBetter =
          shown !== undefined && (shown.score > score || (shown.score === score && shown.correctMs < correctMs))
        if (isBetter) low = middle + 1
        else high = middle
      }
      return low + 1
    },
    /** The newest totals of a player, shown or not. */
    newest: (playerId: string): Totals | undefined => slots.get(playerId)?.newest,
    /** The newest totals of every player, shown or not, in no particular order. */
    all: function* (): Iterable<Totals> {
      for (const { newest } of slots.values()) yield newest
    },
    /** Players with newest totals that contain an answer to a question. */
    countAnswered: (questionIndex: number): number => {
      let count = 0
      for (const { newest } of slots.values()) if (hasAnswered(newest.answered, questionIndex)) count += 1
      return count
    },
  }
}
