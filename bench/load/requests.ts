import { newAnswerId } from '#client'
import type { LoadPlayer, PlayWave } from './messages.ts'

const answerOf = ({ sessionId, isWatched }: LoadPlayer, { questionIds, rightChoice }: PlayWave, random: number) =>
  JSON.stringify({
    answerId: newAnswerId(),
    questionId: questionIds[sessionId],
    // Watched players are always right, so that each answer shows as a higher score.
    choice: isWatched ? rightChoice : Math.floor(random * 4),
  })

/** A player's answer as the bytes of an HTTP request, or of a WebSocket frame. */
export const answerBytes = (player: LoadPlayer, wave: PlayWave, random: number): Buffer => {
  const answer = answerOf(player, wave, random)
  if (player.hasSocket) return frame(`{"type":"answer","ref":1,"data":${answer}}`)
  return Buffer.from(
    `POST /v1/sessions/${player.sessionId}/answers HTTP/1.1\r\nhost: 127.0.0.1\r\n` +
      `authorization: Bearer ${player.token}\r\ncontent-type: application/json\r\n` +
      `content-length: ${answer.length}\r\n\r\n${answer}`,
    'latin1',
  )
}

/** A mask of zeros is a mask: the payload goes as it is. */
const frame = (text: string): Buffer => {
  const length = text.length < 126 ? [text.length | 0x80] : [126 | 0x80, text.length >> 8, text.length & 255]
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), Buffer.from(text, 'latin1')])
}
