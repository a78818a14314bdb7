import type { Attack } from './attack.ts'
import { busAttacks } from './bus.ts'
import { gameAttacks } from './game.ts'
import { echoAttacks, framingAttacks, slowAttacks } from './http.ts'
import { idAttacks, jsonAttacks, sseAttacks } from './inputs.ts'
import { tokenAttacks } from './tokens.ts'
import { frameAttacks, neverReads, socketAttacks } from './websocket.ts'

/** Every attack, in the order of the table. */
export const attacks: readonly Attack[] = [
  ...framingAttacks,
  ...slowAttacks,
  ...echoAttacks,
  ...frameAttacks,
  ...socketAttacks,
  ...neverReads,
  ...sseAttacks,
  ...jsonAttacks,
  ...idAttacks,
  ...tokenAttacks,
  ...gameAttacks,
  ...busAttacks,
]
