import type { PlayerTotals } from '#gen/score_pb'
import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** PlayerTotals (proto/podium/v1/score.proto) as a part of other messages. */
export const writeTotals = (totals: PlayerTotals, writer: WireWriter): void => {
  writer.text(1, totals.playerId)
  writer.uint32(2, totals.joinOrder)
  writer.uint32(3, totals.version)
  writer.uint32(4, totals.score)
  writer.uint32(5, totals.correctAnswers)
  writer.uint32(6, totals.correctMs)
  writer.uint32(7, totals.streak)
  writer.bytes(8, totals.answered)
  writer.bool(9, totals.removed)
}

const NOTHING = new Uint8Array()

export const readTotals = (reader: WireReader): PlayerTotals => {
  let [playerId, joinOrder, version, score, correctAnswers, correctMs, streak] = ['', 0, 0, 0, 0, 0, 0]
  let answered: Uint8Array = NOTHING
  let removed = false
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) playerId = reader.text()
    else if (field === 2) joinOrder = reader.uint32()
    else if (field === 3) version = reader.uint32()
    else if (field === 4) score = reader.uint32()
    else if (field === 5) correctAnswers = reader.uint32()
    else if (field === 6) correctMs = reader.uint32()
    else if (field === 7) streak = reader.uint32()
    else if (field === 8) answered = reader.bytes()
    else if (field === 9) removed = reader.bool()
    else reader.skip()
  }
  return {
    $typeName: 'podium.v1.PlayerTotals',
    playerId,
    joinOrder,
    version,
    score,
    correctAnswers,
    correctMs,
    streak,
    answered: answered as Uint8Array<ArrayBuffer>,
    removed,
  }
}
