import { normaliseText } from './text.ts'

const MAX_LENGTH = 24

/**
 * What a nickname must not hold: control and format characters (bidirectional marks, zero-width ones), unassigned and
 * private ones, halves of a surrogate pair, line separators, and letters that show nothing.
 */
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5/u

export type NicknameFault = 'minLength' | 'maxLength' | 'pattern'
export type CheckedNickname =
  | { readonly ok: true; readonly nickname: string }
  | { readonly ok: false; readonly fault: NicknameFault }

/** A nickname that a player chose, in the form in which it is shown: NFKC, trimmed, spaces collapsed, 1–24 characters. */
export const checkNickname = (text: string): CheckedNickname => {
  const nickname = tidy(text)
  if (FORBIDDEN.test(nickname)) return { ok: false, fault: 'pattern' }
  if (nickname === '') return { ok: false, fault: 'minLength' }
  return [...nickname].length > MAX_LENGTH ? { ok: false, fault: 'maxLength' } : { ok: true, nickname }
}

const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()

/** Two nicknames with the same key cannot be told apart by players. */
export const nicknameKey = (nickname: string): string => normaliseText(nickname)

/** The nickname of a player who chose none: the name in the token as far as it can be used, else "Player". */
export const defaultNickname = (name: string | undefined): string => {
  const usable = [...tidy(name ?? '')].filter((character) => !FORBIDDEN.test(character)).join('')
  return shortened(tidy(usable), MAX_LENGTH) || 'Player'
}

/** The nickname with something behind it that makes it another one, still within the limit. */
export const distinctNickname = (nickname: string, suffix: string): string =>
  `${shortened(nickname, MAX_LENGTH - suffix.length - 1)} ${suffix}`

const shortened = (text: string, length: number): string => [...text].slice(0, length).join('').trim()
