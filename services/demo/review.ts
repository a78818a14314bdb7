import { type OwnResults, optionText } from '#client'
import type { Report } from '../verify/index.ts'
import type { PlayedGame } from './game.ts'
import { clean, cut } from './text.ts'

type Reviewed = OwnResults['questions'][number]

export interface Review {
  /** Empty when there is nothing to learn. */
  readonly lines: readonly string[]
  /** Sentences, one for each thing that differs from the ledger. */
  readonly differences: readonly string[]
}

/** Mistakes that are shown. */
const SHOWN = 3
const WIDTH = 90

/** What the last of the players who are still there got wrong, as its own results tell. */
export const reviewMistakes = async (
  { contestants }: Pick<PlayedGame, 'contestants'>,
  { standings }: Pick<Report, 'standings'>,
): Promise<Review> => {
  const present = new Map(
    contestants.flatMap(({ presence, player }) => (presence === 'in' ? [[player.playerId, player] as const] : [])),
  )
  const last = standings.findLast(({ playerId }) => present.has(playerId))
  const own = await present.get(last?.playerId ?? '')?.device.results()
  if (last === undefined || own === undefined) return { lines: [], differences: [] }
  const differences = (['rank', 'score', 'correctAnswers'] as const)
    .filter((name) => own[name] !== last[name])
    .map((name) => `${own.nickname} has ${name} ${own[name]} in the own results, the ledger says ${last[name]}`)
  const scored = own.questions.filter(({ correct }) => correct !== undefined)
  const mistakes = scored.filter(({ credit }) => credit < 1)
  if (mistakes.length === 0) return { lines: [], differences }
  const answeredFirst = mistakes.toSorted((a, b) => Number(a.answer === undefined) - Number(b.answer === undefined))
  const lines = answeredFirst
    .slice(0, SHOWN)
    .flatMap((question) => [
      `  ${question.index + 1}. ${tidy(question.prompt)}`,
      `     answered  ${tidy(givenText(question))}`,
      `     right     ${tidy(keyText(question))}`,
      ...(question.explanation === undefined ? [] : [`     ${tidy(question.explanation)}`]),
    ])
  const heading = `What ${clean(own.nickname)} can learn, with ${mistakes.length} of ${scored.length} questions not right:`
  return { lines: ['', heading, ...lines], differences }
}

const tidy = (text: string): string => cut(clean(text), WIDTH)

const givenText = (question: Reviewed): string => {
  const { answer } = question
  if (answer === undefined) return 'nothing'
  const { choice, choices = choice === undefined ? [] : [choice] } = answer
  return answer.text ?? answer.number?.toString() ?? namesOf(question, choices)
}

const keyText = (question: Reviewed): string => {
  const { correct } = question
  if (typeof correct === 'boolean') return namesOf(question, [correct ? 0 : 1])
  if (typeof correct === 'object' && 'value' in correct) return String(correct.value)
  const [first] = [correct].flat()
  return typeof first === 'string' ? first : namesOf(question, [correct].flat().map(Number))
}

const namesOf = ({ kind, options = [] }: Reviewed, indexes: readonly number[]): string => {
  const names = kind === 'true_false' ? ['True', 'False'] : options.map(optionText)
  return indexes.map((index) => names[index] ?? '').join(kind === 'ordering' ? ' < ' : ', ')
}
