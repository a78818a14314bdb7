/** Decides whether a nickname may be shown to all players. */
export type WordFilter = (nickname: string) => boolean

/** Letters of other alphabets, digits and signs that are taken for a Latin letter. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  '€': 'e',
  '£': 'l',
  $: 's',
  '!': 'i',
  '|': 'i',
  l: 'i',
  ø: 'o',
  ł: 'i',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  // Cyrillic
  а: 'a',
  в: 'b',
  с: 'c',
  е: 'e',
  к: 'k',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  т: 't',
  у: 'y',
  х: 'x',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  ԁ: 'd',
  ԛ: 'q',
  ԝ: 'w',
  // Greek
  α: 'a',
  ε: 'e',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
}

/** What is left of a word when case, accents, look-alikes and repetitions are removed. */
const skeleton = (word: string): string =>
  [...word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()]
    .map((letter) => LOOK_ALIKES[letter] ?? letter)
    .join('')
    .replace(/(.)\1+/gu, '$1')

/** What stands between words; signs that are taken for letters do not. */
const BETWEEN = /[^\p{L}\p{N}\p{M}@€£$!|]+/u

/**
 * Refuses nicknames with one of these words in them: whole words only (a city may have a rude syllable in its name), however
 * they are written, also letter by letter.
 */
export const createWordFilter = (words: readonly string[]): WordFilter => {
  const refused = new Set(words.map(skeleton).filter((word) => word !== ''))
  if (refused.size === 0) return () => true
  return (nickname) => {
    const parts = nickname.split(BETWEEN).filter((part) => part !== '')
    const spelled = parts.every((part) => [...part].length === 1) ? [parts.join('')] : []
    // Also without the signs at its ends: an exclamation mark need not be an i.
    const bare = parts.map((part) => part.replace(/^[!|@€£$]+|[!|@€£$]+$/g, ''))
    return ![...parts, ...bare, ...spelled].some((part) => refused.has(skeleton(part)))
  }
}

/** One word a line; empty lines and those that begin with # do not count. */
export const parseWords = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
