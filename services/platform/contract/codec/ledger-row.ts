import { isId } from '#platform/ids'

/**
 * How a row of the ledger holds an answer (deploy/migrations/0007_narrow_ledger.sql, 0013_measured_delay.sql): written by the scorer, read by `session`.
 * `verify` reads it with code of its own.
 */

/** Denominators of credit and options of a question must be below these. */
export const CREDIT_LIMIT = 128
export const CHOICE_LIMIT = 36

const TYPED = '='
const ERASED = '~'

/** What a player answered: options, or a typed text. Both are empty for a text that was erased. */
export interface LedgerContent {
  readonly choices: readonly number[]
  readonly text?: string | undefined
}

export const encodeContent = ({ choices, text }: LedgerContent): string => {
  if (text !== undefined) return TYPED + text
  return choices.map((choice) => choice.toString(CHOICE_LIMIT)).join('')
}

export const decodeContent = (answer: string): LedgerContent & { readonly text: string | undefined } => {
  if (answer.startsWith(TYPED)) return { choices: [], text: answer.slice(TYPED.length) }
  if (answer.startsWith(ERASED)) return { choices: [], text: undefined }
  return { choices: Array.from(answer, (digit) => Number.parseInt(digit, CHOICE_LIMIT)), text: undefined }
}

export const encodeCredit = (numerator: number, denominator: number): number => denominator * CREDIT_LIMIT + numerator

/** SQL: whether a row has full credit. */
export const FULL_CREDIT = `credit % ${CREDIT_LIMIT + 1} = 0`

/** Answering times and delays of a row must be below these, in milliseconds. */
export const ELAPSED_LIMIT = 2 ** 20
export const DELAY_LIMIT = 2 ** 11

export const encodeTiming = (elapsedMs: number, delayMs: number): number => delayMs * ELAPSED_LIMIT + elapsedMs

/** SQL: a row's answering time and delay. */
export const ELAPSED_MS = `timing % ${ELAPSED_LIMIT}`
export const DELAY_MS = `timing / ${ELAPSED_LIMIT}`

/** A UUID as its 16 bytes, any other id as its characters after one 0, or two where that were 16 bytes. In hexadecimal. */
export const encodeAnswerId = (answerId: string): string => {
  const zeros = answerId.length === 15 ? '0000' : '00'
  return isId(answerId) ? answerId.replaceAll('-', '') : zeros + Buffer.from(answerId).toString('hex')
}

/** Of a row's `answer_id`. */
export const decodeAnswerId = (bytes: Buffer): string => {
  if (bytes.length !== 16) return bytes.toString('latin1').replace(/^\0+/, '')
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The lower 32 bits of a time; the row's question knows a time close by. */
export const encodeReceivedAt = (receivedAtMs: number): number => receivedAtMs | 0

/** `nearMs`: a time that is less than 24 days away. */
export const decodeReceivedAt = (receivedLowMs: number, nearMs: number): number =>
  nearMs + ((receivedLowMs - encodeReceivedAt(nearMs)) | 0)
