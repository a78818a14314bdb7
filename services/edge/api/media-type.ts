/** Whether an Accept header (RFC 9110) wants text/csv more than application/json. */
export const prefersCsv = (accept: string): boolean =>
  qualityOf(accept, 'text/csv') > qualityOf(accept, 'application/json')

/** Weight of the most specific range that covers the type; 0 when none does. */
const qualityOf = (accept: string, type: string): number => {
  let best = { specificity: -1, quality: 0 }
  for (const part of accept.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim())
    const specificity = ['*/*', `${type.split('/')[0]}/*`, type].indexOf(range)
    if (specificity <= best.specificity) continue
    const weight = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1)
    best = { specificity, quality: weight >= 0 && weight <= 1 ? weight : 0 }
  }
  return best.quality
}
