import { FULL, type Kind, NONE } from './kind.ts'
import { normaliseText } from './normalise-text.ts'

/** A typed text equals one of the accepted ones, apart from what normaliseText evens out. */
export const fillBlank: Kind = {
  name: 'fill_blank',
  read: ({ texts = [] }) => {
    const accepted = new Set(texts.map(normaliseText))
    if (accepted.size === 0 || accepted.has('')) return undefined
    return ({ text }) => (text !== undefined && accepted.has(normaliseText(text)) ? FULL : NONE)
  },
}
