import type { EarnedBatch, EarnedPoints, PlayerTotals, QuestionProgress, ScoreBatch } from '#gen/score_pb'
import { readTotals, writeTotals } from './totals.ts'
import { createWireReader, readSeveral, type WireReader } from './wire-reader.ts'
import { createWireWriter } from './wire-writer.ts'

const writer = createWireWriter()

/** The bytes of a ScoreBatch (proto/podium/v1/score.proto). */
export const encodeScoreBatch = (batch: ScoreBatch): Uint8Array => {
  writeBatch(batch)
  return writer.finish()
}

/** The bytes of a ScoreBatches. */
export const encodeScoreBatches = (batches: readonly ScoreBatch[]): Uint8Array => {
  for (const batch of batches) writer.message(1, batch, writeBatch)
  return writer.finish()
}

/** The bytes of an EarnedBatch. */
export const encodeEarned = ({ sessionId, answers }: EarnedBatch): Uint8Array => {
  writer.text(1, sessionId)
  for (const answer of answers) writer.message(2, answer, writeEarned)
  return writer.finish()
}

const writeBatch = ({ sessionId, totals, progress, firstReceivedAtMs }: ScoreBatch): void => {
  writer.text(1, sessionId)
  for (const each of totals) writer.message(2, each, writeTotals)
  for (const each of progress) writer.message(4, each, writeProgress)
  writer.double(5, firstReceivedAtMs)
}

const writeProgress = ({ questionIndex, answerCount }: QuestionProgress): void => {
  writer.uint32(1, questionIndex)
  writer.uint32(2, answerCount)
}

const writeEarned = ({ playerId, questionId, points, correct, score, streak }: EarnedPoints): void => {
  writer.text(1, playerId)
  writer.text(2, questionId)
  writer.uint32(3, points)
  writer.bool(4, correct)
  writer.uint32(5, score)
  writer.uint32(6, streak)
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
  let [playerId, questionId, points, correct, score, streak] = ['', '', 0, false, 0, 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) playerId = reader.text()
    else if (field === 2) questionId = reader.text()
    else if (field === 3) points = reader.uint32()
    else if (field === 4) correct = reader.bool()
    else if (field === 5) score = reader.uint32()
    else if (field === 6) streak = reader.uint32()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.EarnedPoints', playerId, questionId, points, correct, score, streak }
}
