/** One fault in what was sent: a JSON pointer into the request and a code, named after the JSON Schema keyword it breaks. */
export interface FieldError {
  readonly pointer: string
  readonly code: string
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Checks of single values that collect every fault instead of stopping at the first. */
export interface Faults {
  readonly errors: readonly FieldError[]
  add(pointer: string, code: string): void
  /** Length in characters (code points) within [min, max]; NUL cannot be stored. */
  text(pointer: string, value: string, min: number, max: number): void
  count(pointer: string, value: readonly unknown[], min: number, max: number): void
  integer(pointer: string, value: number, min: number, max: number): void
  number(pointer: string, value: number, min: number, max: number): void
}

export const createFaults = (): Faults => {
  const errors: FieldError[] = []
  const add = (pointer: string, code: string): void => {
    errors.push({ pointer, code })
  }
  const number = (pointer: string, value: number, min: number, max: number): void => {
    if (!Number.isFinite(value)) add(pointer, 'type')
    else if (value < min) add(pointer, 'minimum')
    else if (value > max) add(pointer, 'maximum')
  }
  return {
    errors,
    add,
    number,
    text: (pointer, value, min, max) => {
      // A character is at most two code units: what is far too long is not even taken apart.
      const length = value.length > 2 * max ? value.length : [...value].length
      if (length < min || (min > 0 && value.trim() === '')) add(pointer, 'minLength')
      else if (length > max) add(pointer, 'maxLength')
      else if (value.includes('\0')) add(pointer, 'pattern')
    },
    count: (pointer, value, min, max) => {
      if (value.length < min) add(pointer, 'minItems')
      else if (value.length > max) add(pointer, 'maxItems')
    },
    integer: (pointer, value, min, max) => {
      if (Number.isFinite(value) && !Number.isInteger(value)) add(pointer, 'type')
      else number(pointer, value, min, max)
    },
  }
}
