import type { FairQueue } from '#platform/fair-queue'
import { createOnProgress } from './closing/answer-progress.ts'
import { type ClosingDeps, createClosing } from './closing/close-question.ts'
import type { Idempotency } from './idempotency.ts'
import type { Outbox } from './outbox/outbox.ts'
import { createLeave, createRemovePlayers } from './players/departures.ts'
import { createJoin, type JoinDeps } from './players/join.ts'
import { createExportQuiz } from './quizzes/export/export-quiz.ts'
import { createImportQuiz, type ImportQuizDeps } from './quizzes/import-quiz.ts'
import type { QuizStore } from './quizzes/quiz-store.ts'
import {
  createCopyQuiz,
  createCreateQuiz,
  createDeleteQuiz,
  createGetQuiz,
  createListQuizzes,
  createReplaceQuiz,
} from './quizzes/quizzes.ts'
import type { Quotas } from './quotas.ts'
import type { Ledger } from './results/ledger.ts'
import { createHistory, createMistakes, createOwnResults } from './results/own-results.ts'
import type { OwnResultsStore } from './results/own-results-store.ts'
import { createRecordedAnswers } from './results/recorded-answers.ts'
import { createResults } from './results/results.ts'
import { createControl } from './sessions/control.ts'
import { createCreateSession } from './sessions/create-session.ts'
import {
  createDisplayToken,
  createGetSession,
  createJoinPreview,
  createListPlayers,
  createListSessions,
  createQuestionIds,
  createRoster,
} from './sessions/get-session.ts'
import type { IdGenerator } from './sessions/id-generator.ts'
import { createMove } from './sessions/move.ts'
import type { SessionStore } from './sessions/session.ts'
import { createOnTimer } from './timers/timers.ts'

export type UseCases = ReturnType<typeof createUseCases>

/** Everything this service does, by name, over stores of any kind. */
export const createUseCases = (
  deps: ImportQuizDeps &
    JoinDeps &
    Omit<ClosingDeps, 'move'> & {
      readonly quizzes: QuizStore
      readonly sessions: SessionStore
      readonly ledger: Ledger
      readonly own: OwnResultsStore
      readonly outbox: Outbox
      readonly idempotency: Idempotency
      readonly quotas: Quotas
      readonly mediaHosts: readonly string[]
      readonly resultsQueue: FairQueue
      readonly ids: IdGenerator
    },
) => {
  const move = createMove(deps)
  const { answerStreams, outbox, maxExtensionMs: atMostMs } = deps
  answerStreams.onOutageOver((sessionId, from) => move(sessionId, { type: 'outage-over', from, atMostMs }))
  outbox.onLate((sessionId, epoch) => move(sessionId, { type: 'announced', epoch }))
  const closing = createClosing({ ...deps, move })
  return {
    createQuiz: createCreateQuiz(deps),
    getQuiz: createGetQuiz(deps),
    listQuizzes: createListQuizzes(deps),
    replaceQuiz: createReplaceQuiz(deps),
    deleteQuiz: createDeleteQuiz(deps),
    copyQuiz: createCopyQuiz(deps),
    exportQuiz: createExportQuiz(deps),
    importQuiz: createImportQuiz(deps),
    createSession: createCreateSession(deps),
    getSession: createGetSession(deps),
    roster: createRoster(deps),
    questionIds: createQuestionIds(deps),
    joinPreview: createJoinPreview(deps),
    listSessions: createListSessions(deps),
    listPlayers: createListPlayers(deps),
    displayToken: createDisplayToken(deps),
    ownResults: createOwnResults(deps),
    history: createHistory(deps),
    mistakes: createMistakes(deps),
    results: createResults(deps),
    recordedAnswers: createRecordedAnswers(deps),
    join: createJoin(deps),
    leave: createLeave({ ...deps, closing }),
    removePlayers: createRemovePlayers({ ...deps, closing }),
    control: createControl({ ...deps, move, closing }),
    onTimer: createOnTimer({ move, closing, outbox }),
    onProgress: createOnProgress({ ...deps, closing }),
  }
}
