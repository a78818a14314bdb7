import type { Attack } from './attack.ts'
import { busAttacks } from './bus.ts'
import { echoAttacks } from './echo.ts'
import { framingAttacks, slowAttacks } from './framing.ts'
import { gameAttacks } from './game.ts'
import { idAttacks } from './ids.ts'
import { jsonAttacks } from './json.ts'
import { sseAttacks } from './last-event-id.ts'
import { frameAttacks } from './socket-frames.ts'
import { neverReads, socketAttacks } from './socket-use.ts'
import { tokenAttacks } from './tokens.ts'

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
