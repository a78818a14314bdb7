import type { AnswerContent, AnswerStore, Credentials } from '#client'

/**
 * What a phone keeps of a game, so that a reload or another tab is the same player. The token is in localStorage while the session
 * lasts, and no longer than it is good; after the session it moves to sessionStorage, for the review, and is gone with the tab.
 */
interface Kept extends Credentials {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const PREFIX = 'podium.player.'

const read = (store: Storage, code: string): Kept | undefined => {
  try {
    const kept = JSON.parse(store.getItem(PREFIX + code) ?? 'null') as Kept | null
    if (kept !== null && kept.expiresAt > Date.now()) return kept
  } catch {
    // removed below
  }
  store.removeItem(PREFIX + code)
  return undefined
}

export const keptPlayer = (code: string): Credentials | undefined =>
  read(localStorage, code) ?? read(sessionStorage, code)

export const keepPlayer = (code: string, { sessionId, playerId, token, nickname }: Credentials): void => {
  const kept: Kept = { sessionId, playerId, token, nickname, expiresAt: expiryOf(token) }
  localStorage.setItem(PREFIX + code, JSON.stringify(kept))
}

/** The session is over. */
export const keepForReview = (code: string): void => {
  const kept = localStorage.getItem(PREFIX + code)
  if (kept !== null) sessionStorage.setItem(PREFIX + code, kept)
  localStorage.removeItem(PREFIX + code)
}

export const forgetPlayer = (code: string): void => {
  localStorage.removeItem(PREFIX + code)
  sessionStorage.removeItem(PREFIX + code)
}

/** Tokens of sessions that a closed tab never saw end. */
export const forgetExpired = (): void => {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) read(localStorage, key.slice(PREFIX.length))
}

const HOUR_MS = 3_600_000

const expiryOf = (token: string): number => {
  try {
    const payload = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as {
      exp?: number
    }
    return (payload.exp ?? 0) * 1_000
  } catch {
    return Date.now() + HOUR_MS
  }
}

/** Answers that wait for the network outlive a reload. */
export const answerStore: AnswerStore = {
  get: async (key) => sessionStorage.getItem(key),
  put: async (key, value) => sessionStorage.setItem(key, value),
  delete: async (key) => sessionStorage.removeItem(key),
}

const CONTENT_PREFIX = 'podium.chosen.'

/** What was answered last, to show it after a reload. */
export const keepContent = (playerId: string, questionId: string, content: AnswerContent): void =>
  sessionStorage.setItem(CONTENT_PREFIX + playerId, JSON.stringify({ questionId, content }))

export const keptContent = (playerId: string, questionId: string): AnswerContent | undefined => {
  const kept = JSON.parse(sessionStorage.getItem(CONTENT_PREFIX + playerId) ?? 'null') as {
    questionId: string
    content: AnswerContent
  } | null
  return kept?.questionId === questionId ? kept.content : undefined
}
