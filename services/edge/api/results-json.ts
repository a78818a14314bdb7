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

/** Pages of results, the first of which has the questions. */
type Pages = AsyncIterable<ResultsResult> | Iterable<ResultsResult>

/** Written page by page: a large document at once would hold up everything else. */
export const resultsJson = async (pages: Pages): Promise<string> => {
  const players: string[] = []
  let about: object = {}
  let kinds: Kinds | undefined
  for await (const { sessionId, title, status, questions, players: some } of pages) {
    if (kinds === undefined) {
      kinds = new Map(questions.map(({ question }) => [question?.index ?? -1, question?.kind ?? '']))
      about = { sessionId, title, status, questions: questions.map(questionJson) }
    }
    for (const player of some) players.push(JSON.stringify(playerJson(kinds)(player)))
  }
  return `${JSON.stringify(about).slice(0, -1)},"players":[${players.join(',')}]}`
}

/**
 * One line per player: the standing, then the points of each question (empty where it was not answered). RFC 4180, with
 * a byte order mark, so that spreadsheets read it as UTF-8. One text for each page.
 */
export async function* resultsCsv(pages: Pages): AsyncGenerator<string> {
  let indexes: readonly number[] | undefined
  for await (const { players, questions } of pages) {
    let text = ''
    if (indexes === undefined) {
      indexes = questions.flatMap(({ question }) => (question === undefined ? [] : [question.index]))
      const header = ['rank', 'nickname', 'playerId', 'score', 'correctAnswers', 'correctMs']
      text = `\uFEFF${line([...header, ...indexes.map((index) => `question ${index + 1}`)])}`
    }
    for (const { rank, nickname, playerId, score, correctAnswers, correctMs, answers } of players) {
      const points = new Map(answers.map((answer) => [answer.questionIndex, answer.points]))
      const standing = [rank, nickname, playerId, score, correctAnswers, correctMs]
      text += line([...standing, ...indexes.map((index) => points.get(index))])
    }
    yield text
  }
}

const line = (cells: readonly (string | number | undefined)[]): string => `${cells.map(cell).join(',')}\r\n`

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
