/** The form in which typed texts are compared and counted: two texts are the same answer when it is the same. */
export type TextRule = (text: string) => string

/** ‘ ’ ‚ ‛ ′ ʹ ʻ ʼ ʽ ` ´ ＇ */
const APOSTROPHES = /[\u2018-\u201b\u2032\u02b9\u02bb-\u02bd\u0060\u00b4\uff07]/g
/** “ ” „ ‟ ″ « » ＂ */
const QUOTES = /[\u201c-\u201f\u2033\u00ab\u00bb\uff02]/g
/** ‐ ‑ ‒ – — ― − */
const DASHES = /[\u2010-\u2015\u2212]/g

const unifyPunctuation = (text: string): string =>
  text.replace(APOSTROPHES, "'").replace(QUOTES, '"').replace(DASHES, '-')

const collapseSpaces = (text: string): string => text.replace(/\s+/g, ' ').trim()

/**
 * Version 1: what depends on the keyboard rather than on the knowledge of the player is evened out. Quotes and dashes are
 * unified before NFKC, which would take ´ apart into a space and an accent and ″ into two primes, and after it for those
 * that it makes. Case is folded through upper case, which makes ß and SS the same, and may leave something to compose.
 */
const textRule1: TextRule = (text) =>
  collapseSpaces(
    unifyPunctuation(unifyPunctuation(text).normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')),
  )

/** Code points that show nothing: zero-width spaces and joiners, soft hyphens, bidi marks, variation selectors. */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu

/**
 * Full case folding, which JavaScript lacks. By way of lower case first, which makes ẞ ß, and then upper case, which makes
 * it SS; ς, which lower case makes at the end of a word only, is σ; and the dot that lower case leaves of İ goes, as
 * that is what a Turkish keyboard has for the capital of i.
 */
const foldCase = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').replaceAll('i\u0307', 'i')

/** Version 2: as Unicode's NFKC_Casefold also without invisible characters, and with ẞ and İ folded. */
const textRule2: TextRule = (text) => {
  const visible = unifyPunctuation(text.replace(IGNORABLE, '')).normalize('NFKC')
  const folded = foldCase(visible).replace(IGNORABLE, '').normalize('NFKC')
  return collapseSpaces(unifyPunctuation(folded))
}

/** Every rule that a session was ever played with, by version from 1 on. None ever changes. */
const TEXT_RULES = [textRule1, textRule2] as const

/** What new sessions are created with. */
export const TEXT_VERSION: number = TEXT_RULES.length
export const latestTextRule: TextRule = textRule2

/** @throws RangeError for a version that there is none of: answers must not be judged by another one. */
export const textRule = (version: number): TextRule => {
  const rule = TEXT_RULES[version - 1]
  if (rule === undefined) throw new RangeError(`there is no text rule ${version}`)
  return rule
}

/** Characters whose compatibility form reads differently: H₂O is not H2O, x² is not x2. */
const RAISED = /([\p{No}\p{Lm}]+)/u
/** Invisible, but for joiners within scripts and emoji that need them and the tags that tell flags apart. */
const UNSEEN = /(?![\u{e0020}-\u{e007f}]|\u200c|\u200d)\p{DI}|(?<=\p{sc=Latin})(?:\u200c|\u200d)/gu

/** Two texts with the same reading look the same on a screen. Unlike in an answer, case matters. */
export const readingOf = (text: string): string =>
  collapseSpaces(
    unifyPunctuation(text.replace(UNSEEN, ''))
      .split(RAISED)
      .map((part, index) => (index % 2 === 0 ? part.normalize('NFKC') : part))
      .join(''),
  )
