import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { checkQuiz, type QuestionInput } from '../../game/question.ts'
import type { Actor, Chance, Quiz, Quizzes } from '../ports.ts'
import { authorize, authorizeOn, requireId } from '../sessions/authorization.ts'

/** Stores a quiz and returns its id. @throws PodiumError `forbidden`, `malformed` with every fault */
export const createCreateQuiz =
  ({
    quizzes,
    chance,
    clock,
  }: {
    readonly quizzes: Quizzes
    readonly chance: Pick<Chance, 'id'>
    readonly clock: Clock
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly title: string
    readonly questions: readonly QuestionInput[]
  }): Promise<string> => {
    const actor = authorize('quiz.create', input.actor)
    const checked = checkQuiz(input.title, input.questions)
    if (!checked.ok) throw new PodiumError('malformed', { errors: checked.errors })
    const quizId = chance.id()
    await quizzes.create({
      quizId,
      hostId: actor.userId,
      title: checked.value.title,
      createdAt: clock.now(),
      questions: checked.value.questions.map((question) => ({ ...question, questionId: chance.id() })),
    })
    return quizId
  }

/** The quiz with its keys, for the host who made it. @throws PodiumError `forbidden`, `not-found` */
export const createGetQuiz =
  ({ quizzes }: { readonly quizzes: Quizzes }) =>
  async (input: { readonly actor: Actor | undefined; readonly quizId: string }): Promise<Quiz> => {
    const actor = authorize('quiz.read', input.actor)
    return authorizeOn('quiz.read', actor, await quizzes.find(requireId(input.quizId)))
  }
