import { latestTextRule } from './text.ts'
import type { WordFilter } from './word-filter.ts'

const MAX_LENGTH = 24

/**
 * What a nickname must not hold: control and format characters (bidirectional marks, zero-width ones), unassigned and
 * private ones, halves of a surrogate pair, line separators, and letters that show nothing.
 */
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|(?![\ufe0e\ufe0f])\p{DI}/u

/** Marks, and what chooses between two looks of a sign (emoji have it), show nothing by themselves. */
const UNSEEN = /[\p{M}\p{DI}\s]+/gu

export type NicknameFault = 'minLength' | 'maxLength' | 'pattern' | 'forbidden-word'
export type CheckedNickname =
  | { readonly ok: true; readonly nickname: string }
  | { readonly ok: false; readonly fault: NicknameFault }

/** A nickname that a player chose, in the form in which it is shown: NFKC, trimmed, spaces collapsed, 1–24 characters. */
export const checkNickname = (text: string, isAllowed: WordFilter = () => true): CheckedNickname => {
  const nickname = tidy(text)
  if (FORBIDDEN.test(nickname)) return { ok: false, fault: 'pattern' }
  if (nickname.replace(UNSEEN, '') === '') return { ok: false, fault: 'minLength' }
  if ([...nickname].length > MAX_LENGTH) return { ok: false, fault: 'maxLength' }
  return isAllowed(nickname) ? { ok: true, nickname } : { ok: false, fault: 'forbidden-word' }
}

const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()

/** Two nicknames with the same key cannot be told apart by players. */
export const nicknameKey = (nickname: string): string => latestTextRule(nickname.replace(/\p{DI}/gu, ''))

/** The nickname of a player who chose none: the name in the token as far as it can be used, else "Player". */
export const defaultNickname = (name: string | undefined, isAllowed: WordFilter = () => true): string => {
  const usable = [...tidy(name ?? '')].filter((character) => !FORBIDDEN.test(character)).join('')
  const nickname = shortened(tidy(usable), MAX_LENGTH)
  return nickname.replace(UNSEEN, '') === '' || !isAllowed(nickname) ? 'Player' : nickname
}

/** The nickname with something behind it that makes it another one, still within the limit. */
export const distinctNickname = (nickname: string, suffix: string): string =>
  `${shortened(nickname, MAX_LENGTH - suffix.length - 1)} ${suffix}`

const shortened = (text: string, length: number): string => [...text].slice(0, length).join('').trim()
