/**
 * The form in which texts are compared: what depends on the keyboard rather than on the knowledge of the player is evened
 * out. Quotes and dashes are unified before NFKC, which would take ´ apart into a space and an accent and ″ into two
 * primes, and after it for those that it makes. Folding goes through upper case, as that makes ß and SS the same
 * (Unicode's full case folding, which JavaScript lacks, does too), and may leave something to compose.
 */
export const normaliseText = (text: string): string =>
  unifyPunctuation(unifyPunctuation(text).normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC'))
    .replace(SPACES, ' ')
    .trim()

const unifyPunctuation = (text: string): string =>
  text.replace(APOSTROPHES, "'").replace(QUOTES, '"').replace(DASHES, '-')

/** ‘ ’ ‚ ‛ ′ ʹ ʻ ʼ ʽ ` ´ ＇ */
const APOSTROPHES = /[\u2018-\u201b\u2032\u02b9\u02bb-\u02bd\u0060\u00b4\uff07]/g
/** “ ” „ ‟ ″ « » ＂ */
const QUOTES = /[\u201c-\u201f\u2033\u00ab\u00bb\uff02]/g
/** ‐ ‑ ‒ – — ― − */
const DASHES = /[\u2010-\u2015\u2212]/g
const SPACES = /\s+/g
