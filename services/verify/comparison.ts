import { answerKey, checkAnswers } from './answers-check.ts'
import { checkBoard } from './board-check.ts'
import { createDifferences } from './compare.ts'
import { checkEdge, EDGE_ENTRIES, readEdgeBoard } from './edge-check.ts'
import { createFold, standingsOf } from './fold.ts'
import { checkLedgerRow } from './ledger-check.ts'
import type { AnswerRecord, Check, LedgerRow } from './records.ts'
import type { CheckOutcome, Report } from './report.ts'
import type { Sources } from './sources.ts'
import { checkProgress, checkTotals } from './totals-check.ts'

/** ANSWERS keeps messages for a day; for a session older than this (ms) the stream proves nothing. */
const STREAM_REACH_MS = 23 * 60 * 60 * 1_000
/** Redis keeps a board for two days after its last use (ms). */
const BOARD_KEPT_MS = 48 * 60 * 60 * 1_000

/** One comparison of everything there is of a session with its ledger. Undefined when there is no such session. */
export const compareSession = async (sources: Sources, sessionId: string): Promise<Report | undefined> => {
  // The answers first: what is accepted after this look is not missed in the ledger, and so on along the path.
  const accepted = new Map<string, AnswerRecord[]>()
  await sources.answers?.read(sessionId, await sources.records.finishedAt(sessionId), (answer) => {
    const key = answerKey(answer)
    accepted.set(key, [...(accepted.get(key) ?? []), answer])
  })

  const rows: LedgerRow[] = []
  const records = await sources.records.read(sessionId, (row) => rows.push(row))
  if (records === undefined) return undefined
  const { session, questions, players, totals, progress, boardEpoch } = records
  const board = await sources.boards.read(sessionId)

  const differences = createDifferences()
  const outcomes: CheckOutcome[] = []
  const run = (check: Check, compared: number, work: () => void) => {
    const before = differences.count
    work()
    outcomes.push({ check, compared, differences: differences.count - before })
  }
  const leaveOut = (check: Check, reason: string) =>
    outcomes.push({ check, compared: undefined, reason, differences: 0 })

  const playersById = new Map(players.map((player) => [player.playerId, player]))
  const questionsById = new Map(questions.map((question) => [question.questionId, question]))
  const subjectOf = (playerId: string) => {
    const nickname = playersById.get(playerId)?.nickname
    return nickname === undefined ? playerId : `${nickname} (${playerId})`
  }

  const folding = createFold(session.questionCount)
  run('ledger', rows.length, () => {
    for (const row of rows) {
      checkLedgerRow(row, { session, questions: questionsById, players: playersById }, differences)
      folding.add(row)
    }
  })
  const fold = folding.result()
  const standings = standingsOf(players, fold.totals, session)
  run('totals', fold.totals.size, () => checkTotals(fold, totals, session, subjectOf, differences))
  run('progress', fold.progress.size, () => checkProgress(fold, progress, differences))

  const oldest = rows.reduce((least, { receivedAtMs }) => Math.min(least, receivedAtMs), Infinity)
  if (sources.answers === undefined) leaveOut('answers', 'NATS_URL is not given')
  else if (oldest < Date.now() - STREAM_REACH_MS) leaveOut('answers', 'the stream keeps answers for a day only')
  else {
    const ledger = new Map(rows.map((row) => [answerKey(row), row]))
    run('answers', accepted.size, () => checkAnswers(accepted, ledger, subjectOf, differences))
  }

  if (!board.exists && (session.finishedAtMs ?? Infinity) < Date.now() - BOARD_KEPT_MS) {
    leaveOut('board', 'Redis keeps boards for two days')
  } else run('board', standings.length, () => checkBoard(standings, board, boardEpoch, subjectOf, differences))

  if (sources.edge === undefined) leaveOut('edge', 'EDGE_URL or the token of the host is not given')
  else {
    const leaderboard = await readEdgeBoard(sources.edge.url, sources.edge.token, sessionId)
    run('edge', leaderboard.top.length, () =>
      checkEdge(standings, leaderboard, board, EDGE_ENTRIES, subjectOf, differences),
    )
  }

  return {
    sessionId,
    title: session.title,
    status: session.status,
    equal: differences.count === 0,
    players: players.length,
    answers: fold.rows,
    checks: outcomes,
    differences: differences.list,
    differenceCount: differences.count,
    standings,
  }
}
