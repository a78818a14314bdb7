import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { WordFilter } from '../game/word-filter.ts'
import { createCloseWhenAllAnswered } from './closing/all-answered.ts'
import { createCloseQuestion } from './closing/close-question.ts'
import { createOnScores } from './closing/on-scores.ts'
import { createJoin } from './players/join.ts'
import type { JoinLimits } from './players/join-limits.ts'
import { createLeave } from './players/leave.ts'
import { createRemovePlayer } from './players/remove-player.ts'
import type { AnswerPipeline, Chance, Lobby, Outbox, PlayerTokens, Quizzes, Sessions, Takeovers } from './ports.ts'
import { createImportQuiz, type ImportQuizDeps } from './quizzes/import-quiz.ts'
import { createCreateQuiz, createGetQuiz } from './quizzes/quizzes.ts'
import type { Ledger } from './results/ledger-port.ts'
import { createResults } from './results/results.ts'
import { createControl } from './sessions/control.ts'
import { createCreateSession } from './sessions/create-session.ts'
import { createGetSession, createQuestionIds, createRoster } from './sessions/get-session.ts'
import { createMove } from './sessions/move.ts'
import { createOnTimer } from './timers/on-timer.ts'

export interface AppDeps extends ImportQuizDeps {
  readonly quizzes: Quizzes
  readonly sessions: Sessions
  readonly ledger: Ledger
  readonly pipeline: AnswerPipeline
  readonly outbox: Outbox
  readonly lobby: Lobby
  readonly takeovers: Takeovers
  readonly tokens: PlayerTokens
  readonly joinLimits: JoinLimits
  readonly isAllowedNickname: WordFilter
  readonly chance: Chance
  readonly clock: Clock
  readonly logger: Logger
  /** Runs what nobody waits for, to its end. */
  readonly background: (work: Promise<void>) => void
}

export type App = ReturnType<typeof createApp>

/** Everything this service does, by name. */
export const createApp = (deps: AppDeps) => {
  const move = createMove(deps)
  const closeQuestion = createCloseQuestion({ ...deps, move })
  const closeWhenAllAnswered = createCloseWhenAllAnswered({ move, closeQuestion })
  return {
    createQuiz: createCreateQuiz(deps),
    getQuiz: createGetQuiz(deps),
    importQuiz: createImportQuiz(deps),
    createSession: createCreateSession(deps),
    getSession: createGetSession(deps),
    roster: createRoster(deps),
    questionIds: createQuestionIds(deps),
    results: createResults(deps),
    join: createJoin(deps),
    leave: createLeave({ ...deps, closeWhenAllAnswered }),
    removePlayer: createRemovePlayer({ ...deps, closeWhenAllAnswered }),
    control: createControl({ move, closeQuestion }),
    onTimer: createOnTimer({ move, closeQuestion }),
    onScores: createOnScores({ ...deps, closeWhenAllAnswered }),
  }
}
