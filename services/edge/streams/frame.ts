/**
 * One message to clients, with its JSON made once. Protocol adapters encode a frame once, whatever the number of clients.
 */
export interface Frame {
  readonly type: string
  /** Position, for messages that have one. */
  readonly id: number | undefined
  /** The data object's JSON without its closing brace, so that a client's own members can follow: see `OwnMembers`. */
  readonly head: string
}

/**
 * Further members of a frame's data for one client: text, each led by a comma and '' for none; or a player's own place, which
 * becomes `"me":{"rank":…,"score":…}`. A board's frame has one for every client in every tick, so it is numbers that are
 * written as digits, without text in between.
 */
export type OwnMembers = string | OwnPlace

export interface OwnPlace {
  readonly rank: number
  readonly score: number
}

/** `data` needs a member at least when own members are to follow. */
export const createFrame = (type: string, data: object, id?: number): Frame => ({
  type,
  id,
  head: JSON.stringify(data).slice(0, -1),
})

/** @param members must have at least one that is not undefined */
export const ownMembers = (members: object): string => `,${JSON.stringify(members).slice(1, -1)}`

/** Frames in the bytes of one protocol. The shared part of a frame is encoded once, however many clients get it. */
export interface FrameEncoder {
  /** Good until the next call: copy what is kept. */
  encode(frame: Frame, own: OwnMembers): Uint8Array
  /** Shared parts encoded so far. */
  encodings(): number
}
