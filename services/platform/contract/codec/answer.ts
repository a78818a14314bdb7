import type { Answer, AnswerBatch, QuestionAnswers } from '#gen/answer_pb'
import { createWireReader, encode, type Fields, type WireReader, type WireWriter } from './wire.ts'

/** The bytes of an AnswerBatch (proto/podium/v1/answer.proto). */
export const encodeAnswers = (questions: readonly Fields<QuestionAnswers>[]): Uint8Array =>
  encode(questions, writeBatch)

const writeBatch = (questions: readonly Fields<QuestionAnswers>[], writer: WireWriter): void => {
  for (const question of questions) writer.message(1, question, writeQuestion)
}

const writeQuestion = (question: Fields<QuestionAnswers>, writer: WireWriter): void => {
  writer.text(1, question.sessionId)
  writer.text(2, question.questionId)
  writer.uint32(3, question.questionIndex)
  for (const answer of question.answers) writer.message(4, answer, writeAnswer)
}

const writeAnswer = (answer: Fields<Answer>, writer: WireWriter): void => {
  writer.text(1, answer.answerId)
  writer.text(2, answer.playerId)
  writer.uint32(3, answer.joinOrder)
  writer.packedUint32(4, answer.choices)
  if (answer.text !== undefined) writer.presentText(5, answer.text)
  writer.double(6, answer.receivedAtMs)
  writer.uint32(7, answer.elapsedMs)
  writer.uint32(8, answer.delayMs)
}

/** @throws RangeError when it is none. */
export const decodeAnswers = (bytes: Uint8Array): AnswerBatch => {
  const reader = createWireReader(bytes)
  const questions: QuestionAnswers[] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) questions.push(reader.message(readQuestion))
    else reader.skip()
  }
  return { $typeName: 'podium.v1.AnswerBatch', questions }
}

const readQuestion = (reader: WireReader): QuestionAnswers => {
  const answers: Answer[] = []
  let [sessionId, questionId, questionIndex] = ['', '', 0]
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) sessionId = reader.text()
    else if (field === 2) questionId = reader.text()
    else if (field === 3) questionIndex = reader.uint32()
    else if (field === 4) answers.push(reader.message(readAnswer))
    else reader.skip()
  }
  return { $typeName: 'podium.v1.QuestionAnswers', sessionId, questionId, questionIndex, answers }
}

const readAnswer = (reader: WireReader): Answer => {
  const choices: number[] = []
  let [answerId, playerId, joinOrder, receivedAtMs, elapsedMs, delayMs] = ['', '', 0, 0, 0, 0]
  let text: string | undefined
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) answerId = reader.text()
    else if (field === 2) playerId = reader.text()
    else if (field === 3) joinOrder = reader.uint32()
    else if (field === 4) reader.uint32s(choices)
    else if (field === 5) text = reader.text()
    else if (field === 6) receivedAtMs = reader.double()
    else if (field === 7) elapsedMs = reader.uint32()
    else if (field === 8) delayMs = reader.uint32()
    else reader.skip()
  }
  const answer: Answer = {
    $typeName: 'podium.v1.Answer',
    answerId,
    playerId,
    joinOrder,
    choices,
    receivedAtMs,
    elapsedMs,
    delayMs,
  }
  if (text !== undefined) answer.text = text
  return answer
}
