import { type DecodeEntities, type Draft, type Drafts, MAX_ANSWERS, MAX_DRAFTS, skip, TOO_MANY } from './draft.ts'

/**
 * A response of the Open Trivia DB (https://opentdb.com/api_config.php) in its default encoding: `{response_code,
 * results: [{type, difficulty, category, question, correct_answer, incorrect_answers}]}` with HTML entities.
 */
export const parseOpenTdb = (content: string, decode: DecodeEntities): Drafts => {
  const results = resultsOf(content)
  if (results === undefined) return { ok: false, code: 'format' }
  if (results.length > MAX_DRAFTS) return TOO_MANY
  return { ok: true, drafts: results.map((result) => draftOf(result, decode)) }
}

const resultsOf = (content: string): readonly unknown[] | undefined => {
  try {
    const document: unknown = JSON.parse(content)
    if (typeof document !== 'object' || document === null || !('results' in document)) return undefined
    return Array.isArray(document.results) ? document.results : undefined
  } catch {
    return undefined
  }
}

const draftOf = (result: unknown, decode: DecodeEntities): Draft => {
  if (typeof result !== 'object' || result === null) return skip('no-question')
  const {
    type,
    question,
    difficulty,
    correct_answer: correct,
    incorrect_answers: incorrect,
  } = result as Record<string, unknown>
  if (typeof question !== 'string' || typeof correct !== 'string' || !Array.isArray(incorrect))
    return skip('no-question')
  if (incorrect.length > MAX_ANSWERS) return skip('options-maxItems')
  if (!incorrect.every((answer) => typeof answer === 'string')) return skip('no-question')
  const base = { prompt: decode(question).trim(), difficulty: typeof difficulty === 'string' ? difficulty : undefined }
  if (type === 'boolean') {
    if (!/^(true|false)$/i.test(correct)) return skip('no-right-answer')
    return { ok: true, question: { ...base, kind: 'true_false', options: [], correct: /^true$/i.test(correct) } }
  }
  if (type !== 'multiple') return skip('unknown-type')
  const right = decode(correct).trim()
  // The source always has the right answer first; in the order of the alphabet it is anywhere.
  const options = [right, ...incorrect.map((answer) => decode(answer).trim())].toSorted((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  if (new Set(options).size < options.length) return skip('duplicate-answers')
  return { ok: true, question: { ...base, kind: 'single_choice', options, correct: options.indexOf(right) } }
}
