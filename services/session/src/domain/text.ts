/** Apostrophes and quotation marks that keyboards type in place of a plain apostrophe. */
const APOSTROPHES = /[\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u0060\u00b4\uff07]/g

/**
 * A typed text in the form in which answers are compared and counted: NFKC, case folded, trimmed, spaces collapsed,
 * apostrophes unified.
 */
export const normaliseText = (text: string): string =>
  // Upper case first: it folds what lower case alone keeps apart, such as ß and ss.
  text
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replace(APOSTROPHES, "'")
    .replace(/\s+/g, ' ')
    .trim()
    .normalize('NFKC')
