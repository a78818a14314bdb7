import type { Clock } from '#platform/clock'
import type { Config } from '#platform/config'
import type { Logger } from '#platform/logger'
import { noTelemetry, type Telemetry } from '#platform/telemetry'
import { type AcceptAnswer, createAcceptAnswer } from './answers/accept-answer.ts'
import { type AnswerTally, createAnswerTally } from './answers/answer-tally.ts'
import { loadRequestSchemas, type RequestSchemas } from './api/request-schemas.ts'
import { type Authentication, createAuthentication } from './auth/authentication.ts'
import { createKeySource } from './auth/key-source.ts'
import { watchLateness } from './auth/lateness.ts'
import { createLimits } from './auth/limits.ts'
import { createTokenVerifier } from './auth/token-verifier.ts'
import type { Bus } from './bus.ts'
import { type edgeSpec, ratesOf } from './config.ts'
import type { QuestionIds, SessionReplicas, TokenVerifier } from './ports.ts'
import { createQuestionIds } from './sessions/question-ids.ts'
import { createSessionAccess, type SessionAccess } from './sessions/session-access.ts'
import { createSessionReplicas } from './sessions/session-replicas.ts'

/** What HTTP and the streams share. */
export interface Core {
  readonly schemas: RequestSchemas
  readonly tokens: TokenVerifier
  readonly authentication: Authentication
  readonly replicas: SessionReplicas & { close(): void }
  readonly questionIds: QuestionIds
  readonly access: SessionAccess
  readonly acceptAnswer: AcceptAnswer
  readonly tally: AnswerTally
}

export interface CoreDeps {
  readonly config: Config<typeof edgeSpec>
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry?: Telemetry
}

export const createCore = async ({
  config,
  bus,
  clock,
  logger,
  telemetry = noTelemetry(),
}: CoreDeps): Promise<Core> => {
  const schemas = await loadRequestSchemas()
  const lateness = watchLateness(clock)
  const isBusy = () => lateness.current() > config.MAX_LATENESS_MS
  const limits = createLimits({ policies: ratesOf(config), clock, isBusy })
  const tokens = createTokenVerifier({
    userKeys: await createKeySource({ source: config.USER_JWKS, clock, logger }),
    userIssuer: config.USER_ISSUER,
    userAudience: config.USER_AUDIENCE,
    playerKeys: await createKeySource({ source: config.PLAYER_JWKS, clock, logger }),
    clock,
    maxTokens: config.MAX_TOKENS,
  })
  const replicas = createSessionReplicas({
    feed: bus.feed,
    sessions: bus.sessions,
    link: bus.link,
    clock,
    logger,
    metrics: telemetry.metrics,
  })
  // A token that a newer one replaced is void for every request, not only for streams.
  replicas.onOpen((sessionId) => bus.news.takeovers(sessionId, (player) => replicas.noteGeneration(sessionId, player)))
  const questionIds = createQuestionIds(bus.commands.questionIds)
  const tally = createAnswerTally(telemetry.metrics)
  const acceptAnswer = createAcceptAnswer({
    replicas,
    questionIds,
    answers: bus.answers,
    validate: schemas.answer,
    rate: limits.answer,
    tally,
    clock,
  })
  return {
    schemas,
    tokens,
    authentication: createAuthentication({ tokens, limits }),
    replicas,
    questionIds,
    access: createSessionAccess({ replicas }),
    acceptAnswer,
    tally,
  }
}
