import { useState } from 'react'
import type { Player } from '#client'
import { codeInPath, createPlayClient, stream } from './client.ts'
import { Game } from './game.tsx'
import { Join } from './join.tsx'
import { forgetExpired, keptPlayer } from './kept.ts'

interface Seat {
  readonly code: string
  readonly player: Player
}

const keptSeat = (): Seat | undefined => {
  forgetExpired()
  const code = codeInPath()
  const credentials = code === '' ? undefined : keptPlayer(code)
  return credentials === undefined ? undefined : { code, player: createPlayClient().player(credentials, stream) }
}

export const App = () => {
  const [seat, setSeat] = useState(keptSeat)
  const sit = (code: string, player: Player): void => {
    history.replaceState(null, '', `/play/${encodeURIComponent(code)}${location.search}`)
    setSeat({ code, player })
  }
  const leave = (): void => {
    history.replaceState(null, '', `/play${location.search}`)
    setSeat(undefined)
  }
  if (seat === undefined) return <Join onJoined={sit} />
  return <Game key={seat.player.token} {...seat} onPlayer={(player) => sit(seat.code, player)} onLeave={leave} />
}
