/** ‘ ’ ‚ ‛ ′ ʹ ʻ ʼ ʽ ` ´ ＇ */
const APOSTROPHES = /[\u2018-\u201b\u2032\u02b9\u02bb-\u02bd\u0060\u00b4\uff07]/g
/** “ ” „ ‟ ″ « » ＂ */
const QUOTES = /[\u201c-\u201f\u2033\u00ab\u00bb\uff02]/g
/** ‐ ‑ ‒ – — ― − */
const DASHES = /[\u2010-\u2015\u2212]/g

const unifyPunctuation = (text: string): string =>
  text.replace(APOSTROPHES, "'").replace(QUOTES, '"').replace(DASHES, '-')

/**
 * The form in which typed texts are counted, the one in which the evaluator compares them: NFKC, case folded, trimmed,
 * spaces collapsed, quotes and dashes unified. Unified before NFKC, which would take ´ apart, and after it for what it makes;
 * folded through upper case, which makes ß and SS the same.
 */
export const normaliseText = (text: string): string =>
  unifyPunctuation(unifyPunctuation(text).normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC'))
    .replace(/\s+/g, ' ')
    .trim()
