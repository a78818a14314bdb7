import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'

/** A key that its issuer withdraws is void after so long at the latest. */
const REFRESH_MS = { url: 10_000, file: 2_000 } as const
/** Shortest time between two readings, so that tokens with invented key ids cannot make us hammer the issuer. */
const COOLDOWN_MS = 30_000
/** The same while there has never been a set and nothing can be verified. */
const FIRST_COOLDOWN_MS = 1_000
/** How often to look whether a refresh is due; tokens that are remembered do not ask for keys. */
const LOOK_MS = 2_000
const FETCH_TIMEOUT_MS = 5_000
const MAX_JWKS_BYTES = 256 * 1024

/** The keys of an issuer. */
export interface KeySource {
  /**
   * Finds the key of a token; jose's JWKS errors when no key fits. @throws PodiumError `unavailable` while there has
   * never been a set
   */
  readonly find: JWTVerifyGetKey
  /** Names the key that has this id now; undefined when there is none. Without an id it stands for all keys together. */
  identity(keyId: string | undefined): string | undefined
  /** Keys came or went; `gone`: some of those that were there are not any more, and what they signed is void. */
  onChange(listener: (change: { readonly gone: boolean }) => void): void
}

/**
 * The keys of an issuer: read again every few seconds and when a token names a key we do not have. The last good set
 * stays in use while the source is unavailable.
 * @throws Error when the source is a file that cannot be used; a URL may come to life later.
 */
export const createKeySource = async ({
  source,
  clock,
  logger,
}: {
  /** Path of a file, or http(s) URL, of a JSON Web Key Set. From configuration only, never from a token. */
  readonly source: string
  readonly clock: Clock
  readonly logger: Logger
}): Promise<KeySource> => {
  const listeners: ((change: { readonly gone: boolean }) => void)[] = []
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let names: ReadonlySet<string> = new Set()
  let byId: ReadonlyMap<string | undefined, string> = new Map()
  let triedAt = Number.NEGATIVE_INFINITY
  let nextAt = 0
  let reading: Promise<void> | undefined

  const use = (set: JSONWebKeySet): void => {
    const before = names
    const after = new Set(set.keys.map(identityOf))
    // Otherwise every reading would import the same keys anew.
    if (keys !== undefined && after.size === before.size && [...after].every((name) => before.has(name))) return
    keys = createLocalJWKSet(set)
    names = after
    byId = new Map([[undefined, [...names].join()], ...set.keys.map((key) => [key.kid, identityOf(key)] as const)])
    const gone = [...before].some((name) => !names.has(name))
    for (const listener of listeners) listener({ gone })
  }

  const read = async (): Promise<void> => {
    try {
      use(await load(source))
      nextAt = clock.monotonic() + REFRESH_MS[isUrl(source) ? 'url' : 'file']
    } catch (err) {
      const message = keys === undefined ? 'no keys yet' : 'keys not refreshed, the last set stays in use'
      logger.error({ err, source: withoutSecrets(source) }, message)
      nextAt = clock.monotonic() + COOLDOWN_MS
    } finally {
      triedAt = clock.monotonic()
      reading = undefined
    }
  }
  const refresh = (): Promise<void> => {
    reading ??= read()
    return reading
  }
  const hasCooledDown = (): boolean =>
    reading !== undefined || clock.monotonic() - triedAt >= (keys === undefined ? FIRST_COOLDOWN_MS : COOLDOWN_MS)
  const refreshIfDue = (): void => {
    if (clock.monotonic() >= nextAt) void refresh() // never rejects
  }

  await refresh()
  if (keys === undefined && !isUrl(source)) throw new Error(`${source} is not a readable JSON Web Key Set`)
  setInterval(refreshIfDue, LOOK_MS).unref()

  return {
    onChange: (listener) => listeners.push(listener),
    identity: (keyId) => byId.get(keyId),
    find: async (header, token) => {
      if (keys === undefined && hasCooledDown()) await refresh()
      if (keys === undefined) throw new PodiumError('unavailable')
      refreshIfDue()
      try {
        return await keys(header, token)
      } catch (err) {
        if (!(err instanceof errors.JWKSNoMatchingKey) || !hasCooledDown()) throw err
        await refresh()
        return keys(header, token)
      }
    },
  }
}

const isUrl = (source: string): boolean => /^https?:/.test(source)

/** What makes a key this key: a new one may come under an old id. */
const identityOf = ({ kid, kty, crv, x, y, n, e }: JWK): string => JSON.stringify([kid, kty, crv, x, y, n, e])

const withoutSecrets = (source: string): string => {
  if (!isUrl(source)) return source
  const { origin, pathname } = new URL(source)
  return origin + pathname
}

/** A set without a key is a mistake of the issuer: it does not withdraw the keys there are. */
const load = async (source: string): Promise<JSONWebKeySet> => {
  const set = JSON.parse(isUrl(source) ? await fetchText(source) : await readFile(source, 'utf8'))
  if (!Array.isArray(set?.keys) || set.keys.length === 0) throw new Error('the key set holds no keys')
  return set
}

const fetchText = async (source: string): Promise<string> => {
  const response = await fetch(source, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' })
  if (!response.ok) throw new Error(`the key set answers ${response.status}`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_JWKS_BYTES) throw new Error('the key set is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
