import { PodiumError } from '#platform/errors'
import { type Actor, authorize, authorizeOn, requireId } from '../../sessions/permissions.ts'
import type { Quiz, QuizStore } from '../quiz-store.ts'
import { exportCsv } from './csv.ts'
import { exportGift } from './gift.ts'
import { exportPodium } from './podium.ts'

const FORMATS: ReadonlyMap<string, (quiz: Quiz) => string> = new Map([
  ['podium', exportPodium],
  ['gift', exportGift],
  ['csv', exportCsv],
])

/** A reply of NATS has 8 MiB; a quiz of which every sign has to be escaped may come close. */
const MAX_BYTES = 7 * 2 ** 20

/** A quiz as a file that `import` takes back. @throws PodiumError `forbidden`, `not-found`, `malformed`, `too-large` */
export const createExportQuiz =
  ({ quizzes }: { readonly quizzes: Pick<QuizStore, 'find'> }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly quizId: string
    readonly format: string
  }): Promise<{ readonly title: string; readonly content: string }> => {
    const actor = authorize('quiz.read', input.actor)
    const write = FORMATS.get(input.format)
    if (write === undefined) throw new PodiumError('malformed', { errors: [{ pointer: '/format', code: 'enum' }] })
    const quiz = authorizeOn('quiz.read', actor, await quizzes.find(requireId(input.quizId)))
    const content = write(quiz)
    if (Buffer.byteLength(content) > MAX_BYTES) throw new PodiumError('too-large')
    return { title: quiz.title, content }
  }
