import { checkNoOptions } from './choices.ts'
import { FULL, type Key, type Kind, NONE } from './kind.ts'

/** Far more than a question needs, and exact in a double. */
const MAX_NUMBER = 1e15

interface NumericKey {
  readonly value: number
  readonly tolerance: number
}

/** A number within the tolerance, as it is written: 1.2 is within 0.1 of 1.1, whatever its nearest double is. */
export const numeric = {
  name: 'numeric',
  check: ({ options, correct }, pointer, faults) => {
    checkNoOptions(options, pointer, faults)
    if (typeof correct !== 'object' || correct === null) {
      faults.add(`${pointer}/correct`, 'type')
      return { options: [] }
    }
    const { value, tolerance } = correct as Readonly<Record<string, unknown>>
    const [number, margin] = [numberOf(value), numberOf(tolerance)]
    faults.number(`${pointer}/correct/value`, number, -MAX_NUMBER, MAX_NUMBER)
    faults.number(`${pointer}/correct/tolerance`, margin, 0, MAX_NUMBER)
    return { options: [], correct: { value: number, tolerance: margin } }
  },
  keyOf: ({ correct }) => ({ ...correct }),
  /** Travels as a text, in the shortest form that gives the same number again. */
  answerOf: ({ choice, choices, text, number }) =>
    number !== undefined &&
    choice === undefined &&
    choices === undefined &&
    text === undefined &&
    Math.abs(number) <= MAX_NUMBER
      ? { choices: [], text: String(number) }
      : undefined,
  fieldsOf: ({ text }) => ({ number: Number(text) }),
  evaluator: (key) => {
    const right = keyOf(key)
    if (right === undefined) return undefined
    const [value, tolerance] = [decimalOf(right.value), decimalOf(right.tolerance)]
    return ({ text = '' }) => {
      const given = Number(text)
      if (text.trim() === '' || !(Math.abs(given) <= MAX_NUMBER)) return NONE
      const answer = decimalOf(given)
      const places = Math.max(value.places, tolerance.places, answer.places)
      const distance = atPlaces(answer, places) - atPlaces(value, places)
      return (distance < 0n ? -distance : distance) <= atPlaces(tolerance, places) ? FULL : NONE
    }
  },
  correctOf: keyOf,
  distribution: { of: 'texts', textOf: ({ text = '' }) => text },
} as const satisfies Kind<NumericKey>

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)

function keyOf({ value, tolerance }: Key): NumericKey | undefined {
  const key = { value: numberOf(value), tolerance: numberOf(tolerance) }
  return Math.abs(key.value) <= MAX_NUMBER && key.tolerance >= 0 && key.tolerance <= MAX_NUMBER ? key : undefined
}

/** digits / 10^places */
interface Decimal {
  readonly digits: bigint
  readonly places: number
}

const decimalOf = (number: number): Decimal => {
  const [mantissa = '', exponent = '0'] = String(number).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) }
}

const atPlaces = ({ digits, places }: Decimal, wanted: number): bigint => digits * 10n ** BigInt(wanted - places)
