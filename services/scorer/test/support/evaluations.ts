import fc from 'fast-check'
import { newId } from '#platform/ids'
import type { EvaluatedBatch, Evaluation } from '../../score-answers.ts'

/** One session with the given number of questions and players; ids are fresh. */
export const createSession = (options: {
  readonly questions?: number
  readonly players?: number
  readonly rule?: Partial<EvaluatedBatch['rule']>
}) => {
  const { questions: questionCount = 3, players = 3, rule } = options
  const sessionId = newId()
  const questions = Array.from({ length: questionCount }, (_, index) => ({
    index,
    questionId: newId(),
    points: 1_000,
    timeLimitMs: 20_000,
  }))
  const playerIds = Array.from({ length: players }, newId)

  const evaluation = (player: number, questionIndex: number, changes: Partial<Evaluation> = {}): Evaluation => ({
    answerId: newId(),
    playerId: playerIds[player] ?? '',
    joinOrder: player + 1,
    questionIndex,
    creditNumerator: 1,
    creditDenominator: 1,
    elapsedMs: 1_000,
    delayMs: 0,
    receivedAtMs: 1_760_000_000_000,
    choices: [0],
    ...changes,
  })
  const batch = (evaluations: readonly Evaluation[]): EvaluatedBatch => ({
    sessionId,
    questionCount,
    rule: { name: 'speed', version: 1, streakBonus: true, ...rule },
    questions,
    evaluations,
  })
  return { sessionId, questions, playerIds, evaluation, batch }
}

/** Every player's answer to every question, right or wrong and at any time. */
export const anyAnswers = (session: ReturnType<typeof createSession>): fc.Arbitrary<readonly Evaluation[]> =>
  fc
    .tuple(
      ...session.playerIds.flatMap((_, player) =>
        session.questions.map(({ index }) =>
          fc
            .record({ creditNumerator: fc.nat({ max: 2 }), elapsedMs: fc.nat({ max: 20_000 }) })
            .map((given) => session.evaluation(player, index, { ...given, creditDenominator: 2 })),
        ),
      ),
    )
    .map((answers) => answers)

/** The answers in any order, some of them several times, cut into any batches. */
export const anyDelivery = <T>(answers: readonly T[]): fc.Arbitrary<readonly (readonly T[])[]> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...answers), { maxLength: answers.length }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
    )
    .chain(([repeats, sizes]) =>
      fc
        .shuffledSubarray(
          [...answers.keys(), ...repeats.keys()].map((_, index) => index),
          {
            minLength: answers.length + repeats.length,
          },
        )
        .map((order) => {
          const all = [...answers, ...repeats]
          const rest = order.flatMap((index) => all[index] ?? [])
          const batches: (readonly T[])[] = []
          for (let turn = 0; rest.length > 0; turn += 1) batches.push(rest.splice(0, sizes[turn % sizes.length] ?? 1))
          return batches
        }),
    )
