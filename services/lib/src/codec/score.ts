import type { BoardDelta } from '#gen/board_pb'
import type { PlayerTotals, QuestionProgress, ScoreBatch, ScoredAnswer } from '#gen/score_pb'
import { createWireReader, createWireWriter, type WireReader } from './wire.ts'

const writer = createWireWriter()

/** The bytes of a ScoreBatch (proto/podium/v1/score.proto). */
export const encodeScoreBatch = (batch: ScoreBatch): Uint8Array => {
  const { sessionId, totals, answers, progress, firstReceivedAtMs } = batch
  writer.text(1, sessionId)
  for (const each of totals) writer.message(2, each, writeTotals)
  for (const answer of answers) writer.message(3, answer, writeAnswer)
  for (const each of progress) writer.message(4, each, writeProgress)
  writer.double(5, firstReceivedAtMs)
  return writer.finish()
}

/** The bytes of a BoardDelta (proto/podium/v1/board.proto). */
export const encodeBoardDelta = (delta: BoardDelta): Uint8Array => {
  const { sessionId, epoch, from, to, entries, firstReceivedAtMs } = delta
  writer.text(1, sessionId)
  writer.uint32(2, epoch)
  writer.uint32(3, from)
  writer.uint32(4, to)
  for (const each of entries) writer.message(5, each, writeTotals)
  writer.double(6, firstReceivedAtMs)
  return writer.finish()
}

const writeTotals = (totals: PlayerTotals): void => {
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

const writeAnswer = ({ playerId, questionIndex, questionId, points, correct }: ScoredAnswer): void => {
  writer.text(1, playerId)
  writer.uint32(2, questionIndex)
  writer.text(3, questionId)
  writer.uint32(4, points)
  writer.bool(5, correct)
}

const writeProgress = ({ questionIndex, answerCount }: QuestionProgress): void => {
  writer.uint32(1, questionIndex)
  writer.uint32(2, answerCount)
}

/** What a board needs of a ScoreBatch. */
export type TotalsOfBatch = Pick<ScoreBatch, 'sessionId' | 'totals' | 'firstReceivedAtMs'>

/** Without what is for others, which is skipped. @throws RangeError when it is none. */
export const decodeTotals = (bytes: Uint8Array): TotalsOfBatch => {
  const reader = createWireReader(bytes)
  const totals: PlayerTotals[] = []
  let [sessionId, firstReceivedAtMs] = ['', 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) totals.push(reader.message(readTotals))
    else if (field === 5) firstReceivedAtMs = reader.double()
    else reader.skip()
  }
  return { sessionId, totals, firstReceivedAtMs }
}

const NOTHING = new Uint8Array()

const readTotals = (reader: WireReader): PlayerTotals => {
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
