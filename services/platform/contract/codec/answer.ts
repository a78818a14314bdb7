import type { Answer } from '#gen/answer_pb'
import { createWireReader, encode, type Fields, type WireWriter } from './wire.ts'

/** The bytes of an Answer (proto/podium/v1/answer.proto). */
export const encodeAnswer = (answer: Fields<Answer>): Uint8Array => encode(answer, writeAnswer)

const writeAnswer = (answer: Fields<Answer>, writer: WireWriter): void => {
  writer.text(1, answer.answerId)
  writer.text(2, answer.sessionId)
  writer.text(3, answer.questionId)
  writer.uint32(4, answer.questionIndex)
  writer.text(5, answer.playerId)
  writer.uint32(6, answer.joinOrder)
  writer.packedUint32(7, answer.choices)
  if (answer.text !== undefined) writer.presentText(8, answer.text)
  writer.double(9, answer.receivedAtMs)
  writer.uint32(10, answer.elapsedMs)
}

/** @throws RangeError when it is none. */
export const decodeAnswer = (bytes: Uint8Array): Answer => {
  const reader = createWireReader(bytes)
  const choices: number[] = []
  let [answerId, sessionId, questionId, playerId] = ['', '', '', '']
  let [questionIndex, joinOrder, receivedAtMs, elapsedMs] = [0, 0, 0, 0]
  let text: string | undefined
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) answerId = reader.text()
    else if (field === 2) sessionId = reader.text()
    else if (field === 3) questionId = reader.text()
    else if (field === 4) questionIndex = reader.uint32()
    else if (field === 5) playerId = reader.text()
    else if (field === 6) joinOrder = reader.uint32()
    else if (field === 7) reader.uint32s(choices)
    else if (field === 8) text = reader.text()
    else if (field === 9) receivedAtMs = reader.double()
    else if (field === 10) elapsedMs = reader.uint32()
    else reader.skip()
  }
  const answer: Answer = {
    $typeName: 'podium.v1.Answer',
    answerId,
    sessionId,
    questionId,
    questionIndex,
    playerId,
    joinOrder,
    choices,
    receivedAtMs,
    elapsedMs,
  }
  if (text !== undefined) answer.text = text
  return answer
}
