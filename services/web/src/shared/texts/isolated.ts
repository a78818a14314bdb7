/** A name inside a sentence, so that one that is written from right to left does not turn the sentence around (Unicode TR9). */
export const isolated = (name: string): string => `\u2068${name}\u2069`
