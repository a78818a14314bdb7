import type { Clock } from '#platform/clock'
import { type Config, text } from '#platform/config'
import type { Logger } from '#platform/logger'
import { createKeySource } from './key-source.ts'
import { createTokenVerifier } from './token-verifier.ts'

/** What a service needs that verifies tokens. */
export const tokenSpec = {
  USER_JWKS: text('file or http(s) URL with the keys of the identity provider (JSON Web Key Set)'),
  USER_ISSUER: text('iss of user tokens'),
  USER_AUDIENCE: text('aud of user tokens'),
  PLAYER_JWKS: text('file or http(s) URL with the public keys of player tokens (JSON Web Key Set)'),
} as const

/** @throws Error when a key set is a file that cannot be used */
export const startTokenVerifier = async (deps: {
  readonly config: Config<typeof tokenSpec>
  readonly clock: Clock
  readonly logger: Logger
  /** Verified tokens remembered, some 900 bytes each. */
  readonly maxTokens: number
}) => {
  const { config, clock, logger, maxTokens } = deps
  return createTokenVerifier({
    userKeys: await createKeySource({ source: config.USER_JWKS, clock, logger }),
    userIssuer: config.USER_ISSUER,
    userAudience: config.USER_AUDIENCE,
    playerKeys: await createKeySource({ source: config.PLAYER_JWKS, clock, logger }),
    clock,
    maxTokens,
  })
}
