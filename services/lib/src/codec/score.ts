import type { PlayerTotals, QuestionProgress, ScoreBatch, ScoredAnswer } from '#gen/score_pb'
import { readTotals, writeTotals } from './totals.ts'
import { createWireReader, type WireReader } from './wire-reader.ts'
import { createWireWriter } from './wire-writer.ts'

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

/** What players are told of a ScoreBatch. */
export type EarnedInBatch = Pick<ScoreBatch, 'totals' | 'answers'>

/** Without what is for others, which is skipped. @throws RangeError when it is none. */
export const decodeEarned = (bytes: Uint8Array): EarnedInBatch => {
  const reader = createWireReader(bytes)
  const totals: PlayerTotals[] = []
  const answers: ScoredAnswer[] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) totals.push(reader.message(readTotals))
    else if (field === 3) answers.push(reader.message(readAnswer))
    else reader.skip()
  }
  return { totals, answers }
}

/** How far the questions of a ScoreBatch are; the rest is skipped. @throws RangeError when it is none. */
export const decodeProgress = (bytes: Uint8Array): readonly QuestionProgress[] => {
  const reader = createWireReader(bytes)
  const progress: QuestionProgress[] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 4) progress.push(reader.message(readProgress))
    else reader.skip()
  }
  return progress
}

const readAnswer = (reader: WireReader): ScoredAnswer => {
  let [playerId, questionIndex, questionId, points, correct] = ['', 0, '', 0, false]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) playerId = reader.text()
    else if (field === 2) questionIndex = reader.uint32()
    else if (field === 3) questionId = reader.text()
    else if (field === 4) points = reader.uint32()
    else if (field === 5) correct = reader.bool()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.ScoredAnswer', playerId, questionIndex, questionId, points, correct }
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
