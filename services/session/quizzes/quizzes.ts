import type { Clock } from '#platform/clock'
import { type FieldError, PodiumError } from '#platform/errors'
import { hasMediaElsewhere } from '../../game/media.ts'
import { checkQuiz, type QuestionInput, type QuizContent } from '../../game/question.ts'
import type { RequestName } from '../../game/session/admission.ts'
import type { Idempotency } from '../idempotency.ts'
import { type Page, type PageInput, pageFrom, pageOf } from '../paging.ts'
import type { Quotas } from '../quotas.ts'
import type { IdGenerator } from '../sessions/id-generator.ts'
import { type Actor, authorize, authorizeOn, requireId } from '../sessions/permissions.ts'
import { type ListedQuiz, type Quiz, type QuizStore, type StoredQuestion, searchText } from './quiz-store.ts'

export interface QuizzesDeps {
  readonly quizzes: QuizStore
  readonly idempotency: Idempotency
  readonly quotas: Pick<Quotas, 'quiz'>
  /** Where media may lie; none named: on any public host. */
  readonly mediaHosts: readonly string[]
  readonly ids: Pick<IdGenerator, 'id'>
  readonly clock: Clock
}

interface Asked {
  readonly actor: Actor | undefined
  readonly quizId: string
}

/** @throws PodiumError `malformed` with every fault */
const checked = (
  input: QuizContent<QuestionInput>,
  { ids, mediaHosts }: Pick<QuizzesDeps, 'ids' | 'mediaHosts'>,
): QuizContent<StoredQuestion> => {
  const result = checkQuiz(input)
  if (!result.ok) throw new PodiumError('malformed', { errors: result.errors })
  const { questions, ...head } = result.value
  const errors = questions.flatMap((question, index) =>
    hasMediaElsewhere(question, mediaHosts) ? [{ pointer: `/questions/${index}/media`, code: 'host' }] : [],
  )
  if (errors.length > 0) throw new PodiumError('malformed', { errors })
  return { ...head, questions: questions.map((question) => ({ ...question, questionId: ids.id() })) }
}

/**
 * Stores a quiz and returns its id.
 * @throws PodiumError `forbidden`, `malformed` with every fault, `quota-exceeded`, `idempotency-key-reused`
 */
export const createCreateQuiz =
  ({ quizzes, idempotency, quotas, mediaHosts, ids, clock }: QuizzesDeps) =>
  async (
    input: QuizContent<QuestionInput> & { readonly actor: Actor | undefined; readonly once: RequestName | undefined },
  ): Promise<string> => {
    const actor = authorize('quiz.create', input.actor)
    const quizId = ids.id()
    const quiz = { ...checked(input, { ids, mediaHosts }), quizId, hostId: actor.userId, createdAt: clock.now() }
    const made = await idempotency.once(input.once, { quizId }, async (inside) => {
      await quotas.quiz(quiz.hostId)
      return quizzes.create(quiz, inside)
    })
    return made?.result.quizId ?? quizId
  }

/** The quiz with its keys, for the host who made it. @throws PodiumError `forbidden`, `not-found` */
export const createGetQuiz =
  ({ quizzes }: Pick<QuizzesDeps, 'quizzes'>) =>
  async (input: Asked): Promise<Quiz> => {
    const actor = authorize('quiz.read', input.actor)
    return authorizeOn('quiz.read', actor, await quizzes.find(requireId(input.quizId)))
  }

/**
 * Puts another content in the place of the quiz's, and returns the quiz. Sessions keep the questions they were created with.
 * @throws PodiumError `forbidden`, `not-found`, `precondition-required`, `precondition-failed`, `malformed` with every fault
 */
export const createReplaceQuiz =
  ({ quizzes, ids, mediaHosts, clock }: QuizzesDeps) =>
  async (
    input: Asked &
      QuizContent<QuestionInput> & {
        /** The quiz must be in one of these, unless it may be in any. */
        readonly revisions: readonly number[]
        readonly anyRevision: boolean
      },
  ): Promise<Quiz> => {
    const actor = authorize('quiz.change', input.actor)
    const before = authorizeOn('quiz.change', actor, await quizzes.find(requireId(input.quizId)))
    const { revision, hostId, createdAt, quizId } = before
    if (!input.anyRevision) {
      if (input.revisions.length === 0) throw new PodiumError('precondition-required')
      if (!input.revisions.includes(revision)) throw new PodiumError('precondition-failed')
    }
    // A change is later than the one before, whatever the clocks of two copies say.
    const updatedAt = Math.max(clock.now(), before.updatedAt + 1)
    const quiz = { ...checked(input, { ids, mediaHosts }), quizId, updatedAt }
    if (!(await quizzes.replace({ ...quiz, revision }))) throw new PodiumError('precondition-failed')
    return { ...quiz, hostId, createdAt, revision: revision + 1 }
  }

/** Sessions that were played with it stay, and so do their results. @throws PodiumError `forbidden`, `not-found` */
export const createDeleteQuiz =
  ({ quizzes }: Pick<QuizzesDeps, 'quizzes'>) =>
  async (input: Asked): Promise<void> => {
    const actor = authorize('quiz.change', input.actor)
    const { quizId } = authorizeOn('quiz.change', actor, await quizzes.find(requireId(input.quizId)))
    await quizzes.delete(quizId)
  }

/** Makes another quiz of the same content, and returns its id. @throws PodiumError `forbidden`, `not-found`, `idempotency-key-reused` */
export const createCopyQuiz =
  ({ quizzes, idempotency, quotas, ids, clock }: QuizzesDeps) =>
  async (input: Asked & { readonly once: RequestName | undefined }): Promise<string> => {
    const actor = authorize('quiz.create', input.actor)
    // Before the original is looked for, which may be gone when the request is repeated.
    const earlier = await idempotency.earlier<{ readonly quizId: string }>(input.once)
    if (earlier !== undefined) return earlier.quizId
    const original = authorizeOn('quiz.read', actor, await quizzes.find(requireId(input.quizId)))
    const quizId = ids.id()
    const questions = original.questions.map((question) => ({ ...question, questionId: ids.id() }))
    const copy = { ...original, quizId, questions, createdAt: clock.now() }
    const made = await idempotency.once(input.once, { quizId }, async (inside) => {
      await quotas.quiz(copy.hostId)
      return quizzes.create(copy, inside)
    })
    return made?.result.quizId ?? quizId
  }

const MAX_QUERY_LENGTH = 200

/** The host's own quizzes, newest change first. @throws PodiumError `forbidden`, `malformed` */
export const createListQuizzes =
  ({ quizzes }: Pick<QuizzesDeps, 'quizzes'>) =>
  async (
    input: PageInput & {
      readonly actor: Actor | undefined
      /** Words that the title has, each whole or a part of one. */
      readonly query: string | undefined
      readonly tag: string | undefined
    },
  ): Promise<Page<ListedQuiz>> => {
    const { userId: hostId } = authorize('quiz.list', input.actor)
    const { query = '', tag } = input
    const errors: FieldError[] = []
    if (query.length > MAX_QUERY_LENGTH) errors.push({ pointer: '/query', code: 'maxLength' })
    if (`${query}${tag ?? ''}`.includes('\0')) errors.push({ pointer: '/query', code: 'pattern' })
    const { limit, before } = pageOf(input, errors)
    const words = searchText(query)
      .split(' ')
      .filter((word) => word !== '')
    const found = await quizzes.ofHost({ hostId, words, tag, before, limit: limit + 1 })
    return pageFrom(found, limit, ({ updatedAt: at, quizId: id }) => ({ at, id }))
  }
