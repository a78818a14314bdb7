import { forEachOf } from '../lib/pool.ts'
import { openWebSocket, type RawWebSocket } from '../lib/raw-websocket.ts'
import type { LoadPlayer } from './messages.ts'

export interface SocketEvents {
  accepted(id: number): void
  refused(id: number, reason: string): void
  ownScore(id: number): void
  /** A score that was not there before is on the board of the player's session. */
  visible(id: number): void
}

/** WebSockets of the players who have one; `sendAnswer` takes a whole frame. */
export interface Sockets {
  sendAnswer(id: number, frame: Buffer): void
  close(): void
}

export const openSockets = async (
  players: readonly LoadPlayer[],
  port: number,
  events: SocketEvents,
): Promise<Sockets> => {
  const sockets = new Map<number, RawWebSocket>()
  const watched = new Map<string, { id: number; score: number }>()
  for (const [id, { playerId, isWatched, watches }] of players.entries()) {
    if (isWatched && !watches) watched.set(playerId, { id, score: 0 })
  }

  const onBoard = (text: string): void => {
    for (const { playerId, score } of JSON.parse(text).data.top as { playerId: string; score: number }[]) {
      const entry = watched.get(playerId)
      if (entry === undefined || score <= entry.score) continue
      entry.score = score
      events.visible(entry.id)
    }
  }
  const onMessage = (id: number, text: string): void => {
    if (text.startsWith('{"type":"answer.accepted"')) events.accepted(id)
    else if (text.startsWith('{"type":"score.updated"')) events.ownScore(id)
    else if (text.startsWith('{"type":"error"')) events.refused(id, String(JSON.parse(text).data?.code))
    else if (players[id]?.watches === true && text.startsWith('{"type":"leaderboard.updated"')) onBoard(text)
  }

  const connected = [...players.keys()].filter((id) => players[id]?.hasSocket === true)
  await forEachOf(connected, 50, async (id) => {
    const { sessionId = '', token = '' } = players[id] ?? {}
    const path = `/v1/sessions/${sessionId}/ws`
    const socket = await openWebSocket({
      host: '127.0.0.1',
      port,
      path,
      token,
      onMessage: (text) => onMessage(id, text),
      onClose: () => events.refused(id, 'socket-closed'),
    })
    sockets.set(id, socket)
  })
  return {
    sendAnswer: (id, frame) => sockets.get(id)?.sendFrame(frame),
    close: () => {
      for (const socket of sockets.values()) socket.close()
    },
  }
}
