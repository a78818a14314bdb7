import type { BoardDelta } from '#gen/board_pb'
import type { PlayerTotals } from '#gen/score_pb'
import { readTotals, writeTotals } from './score.ts'
import { createWireReader, encode, type Fields, type WireWriter } from './wire.ts'

/** The bytes of a BoardDelta (proto/podium/v1/board.proto). */
export const encodeBoardDelta = (delta: Fields<BoardDelta>): Uint8Array => encode(delta, writeDelta)

const writeDelta = (delta: Fields<BoardDelta>, writer: WireWriter): void => {
  const { sessionId, epoch, from, to, entries, firstReceivedAtMs } = delta
  writer.text(1, sessionId)
  writer.uint32(2, epoch)
  writer.uint32(3, from)
  writer.uint32(4, to)
  for (const each of entries) writer.message(5, each, writeTotals)
  writer.double(6, firstReceivedAtMs)
}

/** @throws RangeError when it is none. */
export const decodeBoardDelta = (bytes: Uint8Array): BoardDelta => {
  const reader = createWireReader(bytes)
  const entries: PlayerTotals[] = []
  let [sessionId, epoch, from, to, firstReceivedAtMs] = ['', 0, 0, 0, 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) epoch = reader.uint32()
    else if (field === 3) from = reader.uint32()
    else if (field === 4) to = reader.uint32()
    else if (field === 5) entries.push(reader.message(readTotals))
    else if (field === 6) firstReceivedAtMs = reader.double()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.BoardDelta', sessionId, epoch, from, to, entries, firstReceivedAtMs }
}
