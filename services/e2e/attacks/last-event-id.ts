import { openRaw } from '../raw-connection.ts'
import { parseResponse } from '../raw-response.ts'
import type { Target } from '../target.ts'
import { attacksOf, describe, head, openGame } from './attack.ts'

/** Opens an event stream with some Last-Event-ID and says what it begins with. */
const resume = async (target: Target, lastEventId: string | Buffer): Promise<string> => {
  const { game } = await openGame(target)
  const { token } = await game.join()
  const connection = await openRaw(target.port)
  const [before = '', after = ''] = head(
    `GET /v1/sessions/${game.sessionId}/events HTTP/1.1`,
    `Authorization: Bearer ${token}`,
    'Last-Event-ID: @',
  ).split('@')
  connection.write(Buffer.concat([Buffer.from(before), Buffer.from(lastEventId), Buffer.from(after)]))
  await connection.quiet(400)
  connection.destroy()
  const parsed = parseResponse(connection.received())
  const first = /^event: ?(.+)$/m.exec(connection.received().toString())?.[1]
  return parsed?.response.status === 200 && first !== undefined ? `200, ${first}` : describe(connection)
}

/** Position of a session that the caller of `resume` is no player of. */
const positionElsewhere = async (target: Target): Promise<string> => {
  const other = await target.game()
  const { token } = await other.join()
  const connection = await openRaw(target.port)
  connection.write(head(`GET /v1/sessions/${other.sessionId}/events HTTP/1.1`, `Authorization: Bearer ${token}`))
  await connection.quiet(400)
  connection.destroy()
  return /^id: ?(\d+)$/m.exec(connection.received().toString())?.[1] ?? ''
}

const SNAPSHOT = '200, session.snapshot'

export const sseAttacks = attacksOf('SSE: Last-Event-ID', [
  ['negative', SNAPSHOT, (target) => resume(target, '-1')],
  ['2^63', SNAPSHOT, (target) => resume(target, '9223372036854775808')],
  ['2^53', SNAPSHOT, (target) => resume(target, '9007199254740992')],
  ['1e3', SNAPSHOT, (target) => resume(target, '1e3')],
  ['no number', SNAPSHOT, (target) => resume(target, 'NaN')],
  ['empty', SNAPSHOT, (target) => resume(target, '')],
  ['of another session', SNAPSHOT, async (target) => resume(target, await positionElsewhere(target))],
  ['of the future', SNAPSHOT, (target) => resume(target, '999999999')],
  ['with a line feed', '400, closed', (target) => resume(target, '1\nevent: question.closed')],
  ['not ASCII', SNAPSHOT, (target) => resume(target, Buffer.from('１２'))],
  ['10 kB', '431, closed', (target) => resume(target, '1'.repeat(10_000))],
])
