/**
 * Postgres array literals. The driver's own escape every element of every array; ours know what is in them, which makes a
 * batch several times cheaper.
 */

/** Of values whose text needs no quotes: numbers, booleans, UUIDs. */
export const plainArray = (values: readonly (number | boolean | string)[]): string => `{${values.join(',')}}`

/** Of texts; undefined becomes NULL. Postgres cannot store U+0000, which becomes U+FFFD. */
export const textArray = (values: readonly (string | undefined)[]): string =>
  `{${values.map((value) => (value === undefined ? 'NULL' : quote(value))).join(',')}}`

const quote = (value: string): string =>
  `"${value.replace(SPECIAL, (char) => (char === '\0' ? '\uFFFD' : `\\${char}`))}"`

const SPECIAL = /["\\\0]/g
