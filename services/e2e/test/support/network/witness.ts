import type { EventStream, PodiumEvent } from '#client'

/** An event that has a position, as a client got it. */
export interface Numbered {
  readonly id: number
  readonly type: string
  /** The data as text; empty for events that differ from player to player. */
  readonly text: string
}

/** Everything that one stream showed, in order. */
export interface Witness {
  readonly log: readonly PodiumEvent[]
  numbered(): readonly Numbered[]
}

/** Has to be called before the stream connects. */
export const createWitness = (stream: EventStream): Witness => {
  const log: PodiumEvent[] = []
  stream.on('*', (event) => log.push(event))
  return { log, numbered: () => log.flatMap((event) => (isNumbered(event) ? [numbered(event)] : [])) }
}

const isNumbered = ({ type, id }: PodiumEvent): boolean => id !== undefined && type !== 'session.snapshot'

const numbered = ({ type, id, data }: PodiumEvent): Numbered => ({
  id: Number(id),
  type,
  // The podium comes with the player's own place.
  text: type === 'session.finished' ? '' : JSON.stringify(data),
})

/** What happened, put together from what all clients got. Throws when two of them got different events. */
export const historyOf = (witnesses: readonly Witness[]): Numbered[] => {
  const byId = new Map<number, Numbered>()
  for (const event of witnesses.flatMap((witness) => witness.numbered())) {
    const known = byId.get(event.id) ?? event
    if (known.type !== event.type || known.text !== event.text) {
      throw new Error(`position ${event.id} was told as ${known.type} ${known.text} and as ${event.type} ${event.text}`)
    }
    byId.set(event.id, known)
  }
  return [...byId.values()].toSorted((a, b) => a.id - b.id)
}

/**
 * Sentences about what a stream showed twice, out of order or not at all: each event has to be shown, once and in order,
 * or be covered by a snapshot of a later moment.
 */
export const faultsOf = ({ log }: Witness, history: readonly Numbered[]): string[] => {
  const faults: string[] = []
  if (log[0] !== undefined && log[0].type !== 'session.snapshot') faults.push(`began with ${log[0].type}`)
  let position = Number.NEGATIVE_INFINITY
  for (const event of log) {
    if (event.id === undefined) continue
    const id = Number(event.id)
    const isSnapshot = event.type === 'session.snapshot'
    if (isSnapshot ? id < position : id <= position) faults.push(`${event.type} ${id} after position ${position}`)
    else if (!isSnapshot) {
      for (const missed of history) {
        if (missed.id > position && missed.id < id)
          faults.push(`${event.type} ${id} without ${missed.type} ${missed.id}`)
      }
    }
    position = Math.max(position, id)
  }
  for (const missed of history) if (missed.id > position) faults.push(`never told of ${missed.type} ${missed.id}`)
  return faults
}
