import type { EarnedBatch, EarnedPoints, PlayerTotals, QuestionProgress, ScoreBatch } from '#gen/score_pb'
import { createWireReader, encode, type Fields, readSeveral, type WireReader, type WireWriter } from './wire.ts'

/** The bytes of a ScoreBatch (proto/podium/v1/score.proto). */
export const encodeScoreBatch = (batch: Fields<ScoreBatch>): Uint8Array => encode(batch, writeBatch)

/** The bytes of a ScoreBatches. */
export const encodeScoreBatches = (batches: readonly Fields<ScoreBatch>[]): Uint8Array => encode(batches, writeBatches)

/** The bytes of an EarnedBatch. */
export const encodeEarned = (batch: Fields<EarnedBatch>): Uint8Array => encode(batch, writeEarnedBatch)

/** The bytes of a ProgressBatch. */
export const encodeProgress = (questions: readonly Fields<QuestionProgress>[]): Uint8Array =>
  encode(questions, (all, writer) => {
    for (const question of all) writer.message(1, question, writeProgress)
  })

const writeProgress = (progress: Fields<QuestionProgress>, writer: WireWriter): void => {
  const { sessionId, questionIndex, answerCount } = progress
  writer.text(1, sessionId)
  writer.uint32(2, questionIndex)
  writer.uint32(3, answerCount)
}

const writeBatches = (batches: readonly Fields<ScoreBatch>[], writer: WireWriter): void => {
  for (const batch of batches) writer.message(1, batch, writeBatch)
}

const writeEarnedBatch = ({ sessionId, answers }: Fields<EarnedBatch>, writer: WireWriter): void => {
  writer.text(1, sessionId)
  for (const answer of answers) writer.message(2, answer, writeEarned)
}

const writeBatch = (batch: Fields<ScoreBatch>, writer: WireWriter): void => {
  const { sessionId, totals, firstReceivedAtMs } = batch
  writer.text(1, sessionId)
  for (const each of totals) writer.message(2, each, writeTotals)
  writer.double(5, firstReceivedAtMs)
}

const writeEarned = (earned: Fields<EarnedPoints>, writer: WireWriter): void => {
  const { playerId, questionId, points, correct, score, streak, unscored, answerId } = earned
  writer.text(1, playerId)
  writer.text(2, questionId)
  writer.uint32(3, points)
  writer.bool(4, correct)
  writer.uint32(5, score)
  writer.uint32(6, streak)
  writer.bool(7, unscored)
  writer.text(8, answerId)
}

/** @throws RangeError when it is none. */
export const decodeScoreBatch = (bytes: Uint8Array): ScoreBatch => readScores(createWireReader(bytes))

/** @throws RangeError when it is none. */
export const decodeScoreBatches = (bytes: Uint8Array): ScoreBatch[] => readSeveral(bytes, readScores)

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

/** The questions of a ProgressBatch. @throws RangeError when it is none. */
export const decodeProgress = (bytes: Uint8Array): QuestionProgress[] => readSeveral(bytes, readProgress)

const readProgress = (reader: WireReader): QuestionProgress => {
  let [sessionId, questionIndex, answerCount] = ['', 0, 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) questionIndex = reader.uint32()
    else if (field === 3) answerCount = reader.uint32()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.QuestionProgress', sessionId, questionIndex, answerCount }
}

const readScores = (reader: WireReader): ScoreBatch => {
  const totals: PlayerTotals[] = []
  let [sessionId, firstReceivedAtMs] = ['', 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) totals.push(reader.message(readTotals))
    else if (field === 5) firstReceivedAtMs = reader.double()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.ScoreBatch', sessionId, totals, firstReceivedAtMs }
}

const readEarned = (reader: WireReader): EarnedPoints => {
  let [playerId, questionId, points, correct, score, streak, unscored, answerId] = ['', '', 0, false, 0, 0, false, '']
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) playerId = reader.text()
    else if (field === 2) questionId = reader.text()
    else if (field === 3) points = reader.uint32()
    else if (field === 4) correct = reader.bool()
    else if (field === 5) score = reader.uint32()
    else if (field === 6) streak = reader.uint32()
    else if (field === 7) unscored = reader.bool()
    else if (field === 8) answerId = reader.text()
    else reader.skip()
  }
  return {
    $typeName: 'podium.v1.EarnedPoints',
    playerId,
    questionId,
    points,
    correct,
    score,
    streak,
    unscored,
    answerId,
  }
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
