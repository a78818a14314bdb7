import type { EarnedBatch, EarnedPoints, PlayerTotals, QuestionProgress, ScoreBatch } from '#gen/score_pb'
import { createWireReader, encode, type Fields, readSeveral, type WireReader, type WireWriter } from './wire.ts'

/** The bytes of a ScoreBatch (proto/podium/v1/score.proto). */
export const encodeScoreBatch = (batch: Fields<ScoreBatch>): Uint8Array => encode(batch, writeBatch)

/** The bytes of a ScoreBatches. */
export const encodeScoreBatches = (batches: readonly Fields<ScoreBatch>[]): Uint8Array => encode(batches, writeBatches)

/** The bytes of an EarnedBatch. */
export const encodeEarned = (batch: Fields<EarnedBatch>): Uint8Array => encode(batch, writeEarnedBatch)

const writeBatches = (batches: readonly Fields<ScoreBatch>[], writer: WireWriter): void => {
  for (const batch of batches) writer.message(1, batch, writeBatch)
}

const writeEarnedBatch = ({ sessionId, answers }: Fields<EarnedBatch>, writer: WireWriter): void => {
  writer.text(1, sessionId)
  for (const answer of answers) writer.message(2, answer, writeEarned)
}

const writeBatch = (batch: Fields<ScoreBatch>, writer: WireWriter): void => {
  const { sessionId, totals, progress, firstReceivedAtMs } = batch
  writer.text(1, sessionId)
  for (const each of totals) writer.message(2, each, writeTotals)
  for (const each of progress) writer.message(4, each, writeProgress)
  writer.double(5, firstReceivedAtMs)
}

const writeProgress = ({ questionIndex, answerCount }: Fields<QuestionProgress>, writer: WireWriter): void => {
  writer.uint32(1, questionIndex)
  writer.uint32(2, answerCount)
}

const writeEarned = (earned: Fields<EarnedPoints>, writer: WireWriter): void => {
  const { playerId, questionId, points, correct, score, streak, unscored } = earned
  writer.text(1, playerId)
  writer.text(2, questionId)
  writer.uint32(3, points)
  writer.bool(4, correct)
  writer.uint32(5, score)
  writer.uint32(6, streak)
  writer.bool(7, unscored)
}

/** What a board needs of a ScoreBatch. */
export type TotalsOfBatch = Pick<ScoreBatch, 'sessionId' | 'totals' | 'firstReceivedAtMs'>

/** Without what is for others, which is skipped. @throws RangeError when it is none. */
export const decodeTotals = (bytes: Uint8Array): TotalsOfBatch => readTotalsOf(createWireReader(bytes))

/** The same of a ScoreBatches. @throws RangeError when it is none. */
export const decodeTotalsOfSeveral = (bytes: Uint8Array): TotalsOfBatch[] => readSeveral(bytes, readTotalsOf)

/** How far the questions of a ScoreBatch are. */
export type ProgressOfBatch = Pick<ScoreBatch, 'sessionId' | 'progress'>

/** Without what is for others, which is skipped. @throws RangeError when it is none. */
export const decodeProgress = (bytes: Uint8Array): ProgressOfBatch => readProgressOf(createWireReader(bytes))

/** The same of a ScoreBatches. @throws RangeError when it is none. */
export const decodeProgressOfSeveral = (bytes: Uint8Array): ProgressOfBatch[] => readSeveral(bytes, readProgressOf)

/** @throws RangeError when it is none. */
export const decodeEarned = (bytes: Uint8Array): EarnedBatch => {
  const reader = createWireReader(bytes)
  const answers: EarnedPoints[] = []
  let sessionId = ''
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) answers.push(reader.message(readEarned))
    else reader.skip()
  }
  return { $typeName: 'podium.v1.EarnedBatch', sessionId, answers }
}

const readTotalsOf = (reader: WireReader): TotalsOfBatch => {
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

const readProgressOf = (reader: WireReader): ProgressOfBatch => {
  const progress: QuestionProgress[] = []
  let sessionId = ''
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 4) progress.push(reader.message(readProgress))
    else reader.skip()
  }
  return { sessionId, progress }
}

const readProgress = (reader: WireReader): QuestionProgress => {
  let [questionIndex, answerCount] = [0, 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) questionIndex = reader.uint32()
    else if (field === 2) answerCount = reader.uint32()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.QuestionProgress', questionIndex, answerCount }
}

const readEarned = (reader: WireReader): EarnedPoints => {
  let [playerId, questionId, points, correct, score, streak, unscored] = ['', '', 0, false, 0, 0, false]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) playerId = reader.text()
    else if (field === 2) questionId = reader.text()
    else if (field === 3) points = reader.uint32()
    else if (field === 4) correct = reader.bool()
    else if (field === 5) score = reader.uint32()
    else if (field === 6) streak = reader.uint32()
    else if (field === 7) unscored = reader.bool()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.EarnedPoints', playerId, questionId, points, correct, score, streak, unscored }
}

/** PlayerTotals (proto/podium/v1/score.proto) as a part of other messages. */
export const writeTotals = (totals: Fields<PlayerTotals>, writer: WireWriter): void => {
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
