import { skeletonOf } from './confusables.ts'
import { JOINERS_IN_PLACE } from './joiners.ts'
import { latestTextRule } from './text.ts'
import type { WordFilter } from './word-filter.ts'

const MAX_LENGTH = 24

/** Code units before normalising, which costs the square of their number for marks in the wrong order. */
const MAX_RAW_LENGTH = 200

/**
 * What a nickname must not hold: control and format characters (bidirectional marks, zero-width ones), unassigned and
 * private ones, halves of a surrogate pair, line separators, and letters that show nothing.
 */
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|(?![\ufe0e\ufe0f])\p{DI}/gu

/** The tags of a flag count as one. */
const FORBIDDEN_OR_FLAG = new RegExp(`(?<=\\u{1f3f4})[\\u{e0030}-\\u{e007a}]+\\u{e007f}|${FORBIDDEN.source}`, 'gu')

/** Marks beyond three on one letter, which no language needs, and the same mark twice: they run over other lines (UTS 39, 5.4). */
const STACKED = /(?<=\p{Mn}{3})\p{Mn}+|(?<=(\p{Mn}))\1/gu

/** Marks, and what chooses between two looks of a sign (emoji have it), show nothing by themselves. */
const UNSEEN = /[\p{M}\p{DI}\s]+/gu

export type NicknameFault = 'minLength' | 'maxLength' | 'pattern' | 'forbidden-word'
export type CheckedNickname =
  | { readonly ok: true; readonly nickname: string }
  | { readonly ok: false; readonly fault: NicknameFault }

/** A nickname that a player chose, in the form in which it is shown: NFKC, trimmed, spaces collapsed, 1–24 characters. */
export const checkNickname = (text: string, isAllowed: WordFilter = () => true): CheckedNickname => {
  if (text.length > MAX_RAW_LENGTH) return { ok: false, fault: 'maxLength' }
  const nickname = tidy(text)
  if (nickname.replace(JOINERS_IN_PLACE, '').search(FORBIDDEN) !== -1) return { ok: false, fault: 'pattern' }
  if (nickname.search(STACKED) !== -1) return { ok: false, fault: 'pattern' }
  if (nickname.replace(UNSEEN, '') === '') return { ok: false, fault: 'minLength' }
  if ([...nickname].length > MAX_LENGTH) return { ok: false, fault: 'maxLength' }
  return isAllowed(nickname) ? { ok: true, nickname } : { ok: false, fault: 'forbidden-word' }
}

const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()

/** Two nicknames with the same key look the same to players, also when their letters are of different alphabets. */
export const nicknameKey = (nickname: string): string => skeletonOf(latestTextRule(nickname))

/** The nickname of a player who chose none: the name in the token as far as it can be used, else "Player". */
export const defaultNickname = (name: string | undefined, isAllowed: WordFilter = () => true): string => {
  const nickname = usable(shortened(usable(tidy((name ?? '').slice(0, MAX_RAW_LENGTH))), MAX_LENGTH))
  return nickname.replace(UNSEEN, '') === '' || !isAllowed(nickname) ? 'Player' : nickname
}

/** Without what a nickname must not hold, until nothing of it is left: what is taken out may leave a joiner alone. */
const usable = (text: string): string => {
  const inPlace = new Set(Array.from(text.matchAll(JOINERS_IN_PLACE), ({ index }) => index))
  const flat = text.replace(FORBIDDEN_OR_FLAG, (found, at: number) => (inPlace.has(at) ? found : ''))
  const kept = tidy(flat.replace(STACKED, ''))
  return kept === text ? text : usable(kept)
}

/** The nickname with something behind it that makes it another one, still within the limit. */
export const distinctNickname = (nickname: string, suffix: string): string =>
  `${usable(shortened(nickname, MAX_LENGTH - suffix.length - 1))} ${suffix}`

const shortened = (text: string, length: number): string => [...text].slice(0, length).join('').trim()
