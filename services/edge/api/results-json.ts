import type { AnswerResult, PlayerResult, QuestionResult, ResultsResult } from '#gen/command_pb'
import { findKind, isUnscored } from '../../game/kinds/kinds.ts'
import { optionsJson } from './media-json.ts'
import { revealJson } from './public-json.ts'

/** Documents of the API about the results of a session, for its host. */

/** By index of the question. */
type Kinds = ReadonlyMap<number, string>

const answerJson = (kinds: Kinds) => (answer: AnswerResult) => {
  const kind = findKind(kinds.get(answer.questionIndex) ?? '')
  return {
    index: answer.questionIndex,
    ...kind?.fieldsOf(answer),
    ...(!kind?.isUnscored && { correct: answer.correct }),
    points: answer.points,
    elapsedMs: answer.elapsedMs,
  }
}

const playerJson = (kinds: Kinds) => (player: PlayerResult) => ({
  rank: player.rank,
  playerId: player.playerId,
  nickname: player.nickname,
  score: player.score,
  correctAnswers: player.correctAnswers,
  correctMs: player.correctMs,
  answers: player.answers.map(answerJson(kinds)),
})

/** Of a question that is not closed yet, without what would tell its key. */
const questionJson = ({ question, reveal, correctCount, meanElapsedMs }: QuestionResult) => ({
  ...(question !== undefined && {
    questionId: question.questionId,
    index: question.index,
    kind: question.kind,
    prompt: question.prompt,
    ...(question.options.length > 0 && { options: optionsJson(question) }),
    points: question.points,
  }),
  ...(reveal !== undefined && revealJson(reveal)),
  ...(!isUnscored(question?.kind ?? '') && correctCount !== undefined && { correctCount }),
  ...(meanElapsedMs !== undefined && { meanElapsedMs }),
})

export const resultsJson = (results: ResultsResult) => {
  const kinds: Kinds = new Map(results.questions.map(({ question }) => [question?.index ?? -1, question?.kind ?? '']))
  return {
    sessionId: results.sessionId,
    title: results.title,
    status: results.status,
    players: results.players.map(playerJson(kinds)),
    questions: results.questions.map(questionJson),
  }
}

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

/**
 * What a spreadsheet takes for a formula: a cell that begins with one of these signs, after white space and quotes. A cell
 * may begin wherever a spreadsheet splits the line, which in much of Europe is at semicolons, and quotes do not help there
 * (OWASP, CSV Injection).
 */
const FORMULA = /(^|[,;\t\r\n])(["\s]*)([=+\-@\uff1d\uff0b\uff0d\uff20])/g

/** An apostrophe in front of whatever would begin a formula makes it text. */
const cell = (value: string | number | undefined): string => {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = value.replace(FORMULA, "$1$2'$3")
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Whether an Accept header (RFC 9110) wants text/csv more than application/json. */
export const prefersCsv = (accept: string): boolean =>
  qualityOf(accept, 'text/csv') > qualityOf(accept, 'application/json')

/** Weight of the most specific range that covers the type; 0 when none does. */
const qualityOf = (accept: string, type: string): number => {
  let best = { specificity: -1, quality: 0 }
  for (const part of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim())
    const specificity = ['*/*', `${type.split('/')[0]}/*`, type].indexOf(range)
    if (specificity <= best.specificity) continue
    const weight = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1)
    best = { specificity, quality: weight >= 0 && weight <= 1 ? weight : 0 }
  }
  return best.quality
}
