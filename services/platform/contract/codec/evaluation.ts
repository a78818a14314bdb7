import type { Evaluation, EvaluationBatch, QuestionTerms, ScoringRule } from '#gen/evaluation_pb'
import { createWireReader, encode, type Fields, readSeveral, type WireReader, type WireWriter } from './wire.ts'

/** The bytes of an EvaluationBatch (proto/podium/v1/evaluation.proto). */
export const encodeEvaluationBatch = (batch: Fields<EvaluationBatch>): Uint8Array => encode(batch, writeBatch)

/** The bytes of an EvaluationBatches. */
export const encodeEvaluationBatches = (batches: readonly Fields<EvaluationBatch>[]): Uint8Array =>
  encode(batches, writeBatches)

const writeBatches = (batches: readonly Fields<EvaluationBatch>[], writer: WireWriter): void => {
  for (const batch of batches) writer.message(1, batch, writeBatch)
}

const writeBatch = (batch: Fields<EvaluationBatch>, writer: WireWriter): void => {
  writer.text(1, batch.sessionId)
  writer.uint32(2, batch.questionCount)
  if (batch.rule !== undefined) writer.message(3, batch.rule, writeRule)
  for (const question of batch.questions) writer.message(4, question, writeTerms)
  for (const evaluation of batch.evaluations) writer.message(5, evaluation, writeEvaluation)
}

const writeRule = ({ name, version, streakBonus, unscored }: Fields<ScoringRule>, writer: WireWriter): void => {
  writer.text(1, name)
  writer.uint32(2, version)
  writer.bool(3, streakBonus)
  writer.packedUint32(4, unscored)
}

const writeTerms = ({ index, questionId, points, timeLimitMs }: Fields<QuestionTerms>, writer: WireWriter): void => {
  writer.uint32(1, index)
  writer.text(2, questionId)
  writer.uint32(3, points)
  writer.uint32(4, timeLimitMs)
}

const writeEvaluation = (evaluation: Fields<Evaluation>, writer: WireWriter): void => {
  writer.text(1, evaluation.answerId)
  writer.text(2, evaluation.playerId)
  writer.uint32(3, evaluation.joinOrder)
  writer.uint32(4, evaluation.questionIndex)
  writer.uint32(5, evaluation.creditNumerator)
  writer.uint32(6, evaluation.creditDenominator)
  writer.uint32(7, evaluation.elapsedMs)
  writer.double(8, evaluation.receivedAtMs)
  writer.packedUint32(9, evaluation.choices)
  if (evaluation.text !== undefined) writer.presentText(10, evaluation.text)
  writer.uint32(11, evaluation.delayMs)
}

/** @throws RangeError when it is none. */
export const decodeEvaluationBatch = (bytes: Uint8Array): EvaluationBatch => readBatch(createWireReader(bytes))

/** @throws RangeError when it is none. */
export const decodeEvaluationBatches = (bytes: Uint8Array): EvaluationBatch[] => readSeveral(bytes, readBatch)

const readBatch = (reader: WireReader): EvaluationBatch => {
  const questions: QuestionTerms[] = []
  const evaluations: Evaluation[] = []
  let [sessionId, questionCount] = ['', 0]
  let rule: ScoringRule | undefined
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) questionCount = reader.uint32()
    else if (field === 3) rule = reader.message(readRule)
    else if (field === 4) questions.push(reader.message(readTerms))
    else if (field === 5) evaluations.push(reader.message(readEvaluation))
    else reader.skip()
  }
  const batch: EvaluationBatch = {
    $typeName: 'podium.v1.EvaluationBatch',
    sessionId,
    questionCount,
    questions,
    evaluations,
  }
  if (rule !== undefined) batch.rule = rule
  return batch
}

const readRule = (reader: WireReader): ScoringRule => {
  let [name, version, streakBonus] = ['', 0, false]
  const unscored: number[] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text()
    else if (field === 2) version = reader.uint32()
    else if (field === 3) streakBonus = reader.bool()
    else if (field === 4) reader.uint32s(unscored)
    else reader.skip()
  }
  return { $typeName: 'podium.v1.ScoringRule', name, version, streakBonus, unscored }
}

const readTerms = (reader: WireReader): QuestionTerms => {
  let [index, questionId, points, timeLimitMs] = [0, '', 0, 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) index = reader.uint32()
    else if (field === 2) questionId = reader.text()
    else if (field === 3) points = reader.uint32()
    else if (field === 4) timeLimitMs = reader.uint32()
    else reader.skip()
  }
  return { $typeName: 'podium.v1.QuestionTerms', index, questionId, points, timeLimitMs }
}

const readEvaluation = (reader: WireReader): Evaluation => {
  const choices: number[] = []
  let [answerId, playerId] = ['', '']
  let [joinOrder, questionIndex, creditNumerator, creditDenominator] = [0, 0, 0, 0]
  let [elapsedMs, receivedAtMs, delayMs] = [0, 0, 0]
  let text: string | undefined
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) answerId = reader.text()
    else if (field === 2) playerId = reader.text()
    else if (field === 3) joinOrder = reader.uint32()
    else if (field === 4) questionIndex = reader.uint32()
    else if (field === 5) creditNumerator = reader.uint32()
    else if (field === 6) creditDenominator = reader.uint32()
    else if (field === 7) elapsedMs = reader.uint32()
    else if (field === 8) receivedAtMs = reader.double()
    else if (field === 9) reader.uint32s(choices)
    else if (field === 10) text = reader.text()
    else if (field === 11) delayMs = reader.uint32()
    else reader.skip()
  }
  const evaluation: Evaluation = {
    $typeName: 'podium.v1.Evaluation',
    answerId,
    playerId,
    joinOrder,
    questionIndex,
    creditNumerator,
    creditDenominator,
    elapsedMs,
    receivedAtMs,
    choices,
    delayMs,
  }
  if (text !== undefined) evaluation.text = text
  return evaluation
}
