import type { Entry, Ledger, Progress, Recorded } from '../../score-answers.ts'

/** The ledger's contract in memory: one entry per session, question and player; sums are folded from it when asked for. */
export const createMemoryLedger = (): Ledger & { readonly rows: ReadonlyMap<string, Entry> } => {
  const rows = new Map<string, Entry>()
  return {
    rows,
    record: async (entries) => {
      for (const entry of entries) if (!rows.has(keyOf(entry))) rows.set(keyOf(entry), entry)
      const all = [...rows.values()]
      const players = distinct(entries, playerOf)
      const questions = distinct(entries, questionOf)
      return {
        counted: entries.map((entry) => {
          const { points, evaluation } = rows.get(keyOf(entry)) ?? entry
          return { answerId: evaluation.answerId, points, correct: isCorrect(evaluation) }
        }),
        sums: players.map((entry) => sumsOf(all.filter((row) => playerOf(row) === playerOf(entry)))),
        progress: questions.map((entry): Progress => {
          const answerCount = all.filter((row) => questionOf(row) === questionOf(entry)).length
          return { sessionId: entry.term.sessionId, questionIndex: entry.term.question.index, answerCount }
        }),
      }
    },
  }
}

const playerOf = ({ term, evaluation }: Entry): string => `${term.sessionId}/${evaluation.playerId}`
const questionOf = ({ term }: Entry): string => `${term.sessionId}/${term.question.questionId}`
const keyOf = (entry: Entry): string => `${questionOf(entry)}/${entry.evaluation.playerId}`
const isCorrect = ({ creditNumerator, creditDenominator }: Entry['evaluation']): boolean =>
  creditNumerator === creditDenominator

const distinct = (entries: readonly Entry[], key: (entry: Entry) => string): readonly Entry[] => [
  ...new Map(entries.map((entry) => [key(entry), entry])).values(),
]

const sum = (rows: readonly Entry[], value: (entry: Entry) => number): number =>
  rows.reduce((total, entry) => total + value(entry), 0)

const sumsOf = (rows: readonly Entry[]): Recorded['sums'][number] => {
  const [first] = rows
  if (first === undefined) throw new Error('a player without entries has no sums')
  const correct = rows.filter(({ evaluation }) => isCorrect(evaluation))
  const bits = (set: readonly Entry[]): string =>
    Array.from({ length: first.term.questionCount }, (_, index) =>
      set.some(({ term }) => term.question.index === index) ? '1' : '0',
    ).join('')
  return {
    sessionId: first.term.sessionId,
    playerId: first.evaluation.playerId,
    joinOrder: first.evaluation.joinOrder,
    version: rows.length,
    points: sum(rows, ({ points }) => points),
    correctAnswers: correct.length,
    correctMs: sum(correct, ({ evaluation }) => evaluation.elapsedMs),
    answered: bits(rows),
    correct: bits(correct),
  }
}
