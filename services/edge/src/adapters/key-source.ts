import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '#lib/clock'
import { PodiumError } from '#lib/errors'
import type { Logger } from '#lib/logger'

const REFRESH_MS = 10 * 60_000
/** Shortest time between two readings, so that tokens with invented key ids cannot make us hammer the issuer. */
const COOLDOWN_MS = 30_000
const FETCH_TIMEOUT_MS = 5_000
const MAX_JWKS_BYTES = 256 * 1024

export interface KeySourceOptions {
  /** Path of a file, or http(s) URL, of a JSON Web Key Set. From configuration only, never from a token. */
  readonly source: string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The keys of an issuer: read again every ten minutes and when a token names a key we do not have. The last good set
 * stays in use while the source is away. The result throws PodiumError `unavailable` while there has never been a set,
 * and jose's JWKS errors when no key fits.
 * @throws Error when the source is a file that cannot be used; a URL may come to life later.
 */
export const createKeySource = async ({ source, clock, logger }: KeySourceOptions): Promise<JWTVerifyGetKey> => {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const read = async (): Promise<void> => {
    try {
      keys = createLocalJWKSet(await load(source))
    } catch (err) {
      logger.error(
        { err, source },
        keys === undefined ? 'no keys yet' : 'keys not refreshed, the last set stays in use',
      )
    } finally {
      // A first set that is missing is asked for again at once; everything else waits for its time.
      if (keys !== undefined) readAt = clock.monotonic()
      reading = undefined
    }
  }
  const refresh = (): Promise<void> => {
    reading ??= read()
    return reading
  }

  await refresh()
  if (keys === undefined && !isUrl(source)) throw new Error(`${source} is not a readable JSON Web Key Set`)

  return async (header, token) => {
    if (keys === undefined) await refresh()
    else if (clock.monotonic() - readAt > REFRESH_MS) void refresh()
    if (keys === undefined) throw new PodiumError('unavailable')
    try {
      return await keys(header, token)
    } catch (err) {
      if (!(err instanceof errors.JWKSNoMatchingKey) || clock.monotonic() - readAt < COOLDOWN_MS) throw err
      await refresh()
      return keys(header, token)
    }
  }
}

const isUrl = (source: string): boolean => /^https?:/.test(source)

const load = async (source: string): Promise<JSONWebKeySet> => {
  if (!isUrl(source)) return JSON.parse(await readFile(source, 'utf8'))
  const response = await fetch(source, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' })
  if (!response.ok) throw new Error(`the key set answers ${response.status}`)
  const text = await response.text()
  if (text.length > MAX_JWKS_BYTES) throw new Error('the key set is too large')
  return JSON.parse(text)
}
