import type { Differences } from './compare.ts'
import type { Standing } from './records.ts'

/** The board as the store has it. */
export interface BoardRecord {
  /** False when there is nothing under the session's keys. */
  readonly exists: boolean
  readonly epoch: number | undefined
  readonly version: number | undefined
  /** Members in the order of the board, from the top. */
  readonly members: readonly { readonly member: string; readonly packed: number }[]
  /** Version per player. */
  readonly versions: ReadonlyMap<string, number>
}

const MILLISECONDS = 2 ** 27
const ORDERS = 0xffffff

/** Join order counted down, so that of equal scores the earlier player is higher when read from the top. */
export const memberOf = ({ joinOrder, playerId }: Pick<Standing, 'joinOrder' | 'playerId'>): string =>
  `${(ORDERS - joinOrder).toString(16).padStart(6, '0')}:${playerId}`

export const packedScore = ({ score, correctMs }: Pick<Standing, 'score' | 'correctMs'>): number =>
  score * MILLISECONDS + (MILLISECONDS - 1 - correctMs)

const unpacked = (packed: number): string => {
  const score = Math.floor(packed / MILLISECONDS)
  return `${score} points, ${MILLISECONDS - 1 - (packed - score * MILLISECONDS)} ms`
}

/** Every player who is not removed is on the board, with the score, time and version of the ledger, in this order. */
export const checkBoard = (
  standings: readonly Standing[],
  board: BoardRecord,
  epoch: number | undefined,
  subjectOf: (playerId: string) => string,
  differences: Differences,
): void => {
  if (!board.exists) {
    differences.compare('board', 'the board', 'players', standings.length, 'no board')
    return
  }
  // An epoch is begun in Postgres before its board is written, and a crash in between begins one without a board.
  if (epoch === undefined || board.epoch === undefined || board.epoch > epoch) {
    differences.compare(
      'board',
      'the board',
      'epoch',
      epoch === undefined ? 'none begun' : `at most ${epoch}`,
      board.epoch,
    )
  }
  const packedOf = new Map(board.members.map(({ member, packed }) => [member, packed]))
  for (const standing of standings) {
    const subject = subjectOf(standing.playerId)
    const member = memberOf(standing)
    const packed = packedOf.get(member)
    packedOf.delete(member)
    differences.compare('board', subject, 'on the board', 'yes', packed === undefined ? 'no' : 'yes')
    if (packed === undefined) continue
    const expected = packedScore(standing)
    if (packed !== expected) differences.compare('board', subject, 'score', unpacked(expected), unpacked(packed))
    differences.compare('board', subject, 'version', standing.version, board.versions.get(standing.playerId))
  }
  for (const [member, packed] of packedOf) {
    differences.compare('board', subjectOf(member.slice(7)), 'on the board', 'no', `${member}: ${unpacked(packed)}`)
  }
  const order = standings.map(memberOf)
  const wrong = board.members.findIndex(({ member }, place) => member !== order[place])
  if (wrong !== -1 && board.members.length === order.length) {
    differences.compare('board', 'the board', `place ${wrong + 1}`, order[wrong], board.members[wrong]?.member)
  }
}
