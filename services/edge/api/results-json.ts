import type { AnswerResult, PlayerResult, QuestionResult, ResultsResult } from '#gen/command_pb'
import { revealJson } from './public-json.ts'

/** Documents of the API about the results of a session, for its host. */

const answerJson = (answer: AnswerResult) => ({
  index: answer.questionIndex,
  ...(answer.text === undefined ? { choices: answer.choices } : { text: answer.text }),
  correct: answer.correct,
  points: answer.points,
  elapsedMs: answer.elapsedMs,
})

const playerJson = (player: PlayerResult) => ({
  rank: player.rank,
  playerId: player.playerId,
  nickname: player.nickname,
  score: player.score,
  correctAnswers: player.correctAnswers,
  correctMs: player.correctMs,
  answers: player.answers.map(answerJson),
})

const questionJson = ({ question, reveal, correctCount, meanElapsedMs }: QuestionResult) => ({
  ...(question !== undefined && {
    questionId: question.questionId,
    index: question.index,
    kind: question.kind,
    prompt: question.prompt,
    ...(question.options.length > 0 && { options: question.options }),
    points: question.points,
  }),
  ...(reveal !== undefined && revealJson(reveal)),
  correctCount,
  ...(meanElapsedMs !== undefined && { meanElapsedMs }),
})

export const resultsJson = (results: ResultsResult) => ({
  sessionId: results.sessionId,
  title: results.title,
  status: results.status,
  players: results.players.map(playerJson),
  questions: results.questions.map(questionJson),
})

/**
 * One line per player: the standing, then the points of each question (empty where it was not answered). RFC 4180, with
 * a byte order mark, so that spreadsheets read it as UTF-8.
 */
export const resultsCsv = ({ players, questions }: ResultsResult): string => {
  const indexes = questions.flatMap(({ question }) => (question === undefined ? [] : [question.index]))
  const header = ['rank', 'nickname', 'playerId', 'score', 'correctAnswers', 'correctMs']
  const lines = players.map((player) => {
    const points = new Map(player.answers.map((answer) => [answer.questionIndex, answer.points]))
    const { rank, nickname, playerId, score, correctAnswers, correctMs } = player
    return [rank, nickname, playerId, score, correctAnswers, correctMs, ...indexes.map((index) => points.get(index))]
  })
  const rows = [[...header, ...indexes.map((index) => `question ${index + 1}`)], ...lines]
  return `\uFEFF${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`
}

/** Text that a spreadsheet would take for a formula gets an apostrophe in front. */
const cell = (value: string | number | undefined): string => {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
