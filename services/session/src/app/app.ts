import type { Clock } from '#lib/clock'
import type { Logger } from '#lib/logger'
import type { WordFilter } from '../domain/word-filter.ts'
import { createCloseWhenAllAnswered } from './all-answered.ts'
import { createCloseQuestion } from './close-question.ts'
import { createControl } from './control.ts'
import { createCreateSession } from './create-session.ts'
import { createGetSession, createQuestionIds, createRoster } from './get-session.ts'
import { createImportQuiz, type ImportQuizDeps } from './import-quiz.ts'
import { createJoin } from './join.ts'
import type { JoinLimits } from './join-limits.ts'
import { createLeave } from './leave.ts'
import type { Ledger } from './ledger-port.ts'
import { createMove } from './move.ts'
import { createOnScores } from './on-scores.ts'
import { createOnTimer } from './on-timer.ts'
import type { AnswerPipeline, Chance, Lobby, Outbox, PlayerTokens, Quizzes, Sessions, Takeovers } from './ports.ts'
import { createCreateQuiz, createGetQuiz } from './quizzes.ts'
import { createRemovePlayer } from './remove-player.ts'
import { createResults } from './results.ts'

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
