import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { createFaults } from '../../game/field-error.ts'
import { checkLabels } from '../../game/question.ts'
import type { RequestName } from '../../game/session/admission.ts'
import type { Idempotency } from '../idempotency.ts'
import type { Quotas } from '../quotas.ts'
import type { IdGenerator } from '../sessions/id-generator.ts'
import { type Actor, authorize } from '../sessions/permissions.ts'
import type { FileHead } from './import/draft.ts'
import { FORMATS, type ParsedFile } from './import/parse-file.ts'
import type { ParseInWorker } from './import/parse-in-worker.ts'
import type { QuizStore } from './quiz-store.ts'

/** The Open Trivia DB. */
export interface QuestionProvider {
  /**
   * A successful response of the provider, as it is. May wait for its turn.
   * @throws PodiumError `malformed` when the provider has no such questions, `unavailable` when it does not answer in time
   */
  fetch(wanted: {
    /** 1–50 */
    readonly amount: number
    readonly category: number | undefined
    readonly difficulty: string | undefined
    readonly kind: string | undefined
  }): Promise<string>
}

export interface ImportQuizDeps {
  readonly quizzes: QuizStore
  readonly idempotency: Idempotency
  readonly quotas: Pick<Quotas, 'quiz'>
  readonly provider: QuestionProvider
  readonly parse: ParseInWorker
  readonly ids: Pick<IdGenerator, 'id'>
  readonly clock: Clock
}

/** Either `provider` with what is wanted of it, or `format` with `title` and `content`. */
export interface ImportQuizInput {
  readonly actor: Actor | undefined
  readonly provider: string | undefined
  readonly amount: number | undefined
  readonly category: number | undefined
  readonly difficulty: string | undefined
  readonly kind: string | undefined
  readonly format: string | undefined
  readonly title: string | undefined
  readonly content: string | undefined
  readonly once: RequestName | undefined
}

export interface ImportedQuiz {
  readonly quizId: string
  readonly imported: number
  readonly skipped: readonly { readonly index: number; readonly reason: string }[]
}

/** Faults named at the most when nothing at all could be used. */
const MAX_FAULTS = 50

/**
 * Makes a quiz of what can be used of a file or of a provider's questions, and reports what was left out and why.
 * @throws PodiumError `forbidden`, `malformed` when nothing can be used, `unavailable` when the provider is,
 * `quota-exceeded`, `idempotency-key-reused`
 */
export const createImportQuiz =
  (deps: ImportQuizDeps) =>
  async (input: ImportQuizInput): Promise<ImportedQuiz> => {
    const actor = authorize('quiz.import', input.actor)
    // Before a provider is asked again, whose questions would be others.
    const earlier = await deps.idempotency.earlier<ImportedQuiz>(input.once)
    if (earlier !== undefined) return earlier
    const { title: given, file } =
      input.provider === undefined ? await fromFile(deps, input) : await fromProvider(deps, input)
    if (!file.ok) {
      const { pointer = '/content', code, detail } = file
      throw new PodiumError('malformed', { errors: [{ pointer, code }], ...(detail === undefined ? {} : { detail }) })
    }
    const { questions, skipped } = file
    if (questions.length === 0) {
      const errors = skipped
        .slice(0, MAX_FAULTS)
        .map(({ index, reason }) => ({ pointer: `/content/${index}`, code: reason }))
      throw new PodiumError('malformed', {
        detail: 'There is no question in it that could be used.',
        errors: errors.length > 0 ? errors : [{ pointer: '/content', code: 'no-questions' }],
      })
    }
    const quizId = deps.ids.id()
    const quiz = {
      ...quizHead(given, file.head),
      quizId,
      hostId: actor.userId,
      createdAt: deps.clock.now(),
      questions: questions.map((question) => ({ ...question, questionId: deps.ids.id() })),
    }
    const result: ImportedQuiz = { quizId, imported: questions.length, skipped }
    const made = await deps.idempotency.once(input.once, result, async (inside) => {
      await deps.quotas.quiz(quiz.hostId)
      return deps.quizzes.create(quiz, inside)
    })
    return made?.result ?? result
  }

interface Source {
  /** '' where the file may have one. */
  readonly title: string
  readonly file: ParsedFile
}

const fromFile = async ({ parse }: ImportQuizDeps, input: ImportQuizInput): Promise<Source> => {
  const { title = '', content = '' } = input
  const format = FORMATS.find((known) => known === input.format)
  if (format === undefined) throw malformed('/format', 'enum')
  // Before a file is read in vain; only our own format has a title in it.
  if (format !== 'podium') quizHead(title)
  return { title, file: await parse(format, content) }
}

const fromProvider = async (
  { provider, parse }: ImportQuizDeps,
  { provider: name, amount = 0, category, difficulty, kind }: ImportQuizInput,
): Promise<Source> => {
  if (name !== 'opentdb') throw malformed('/provider', 'enum')
  const content = await provider.fetch({ amount, category, difficulty, kind })
  return { title: 'Open Trivia DB', file: await parse('opentdb', content) }
}

/** Of the request, and else of the file. @throws PodiumError `malformed` */
const quizHead = (given: string, { title = '', tags, language }: FileHead = {}) => {
  const faults = createFaults()
  const head = { title: given === '' ? title : given, tags, language }
  faults.text('/title', head.title, 1, 200)
  checkLabels(head, '/content', faults)
  if (faults.errors.length > 0) throw new PodiumError('malformed', { errors: faults.errors })
  return head
}

const malformed = (pointer: string, code: string): PodiumError =>
  new PodiumError('malformed', { errors: [{ pointer, code }] })
