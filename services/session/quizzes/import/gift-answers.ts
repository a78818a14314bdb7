import { MAX_ANSWERS } from './draft.ts'

/** One of the answers between the braces of a GIFT question. */
export interface GiftAnswer {
  /** `=` right, `~` wrong unless it has a weight. */
  readonly mark: '=' | '~'
  /** Percent of the mark that the answer is worth, where it says so. */
  readonly weight: number | undefined
  readonly text: string
}

/** What stands between the braces. */
export type GiftAnswers =
  | { readonly type: 'essay' | 'numerical' | 'matching' | 'unreadable' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'answers'; readonly answers: readonly GiftAnswer[] }

/** Text with the escapes already taken out of the way, so that every mark here means something. */
export const parseGiftAnswers = (text: string): GiftAnswers => {
  if (text === '') return { type: 'essay' }
  const boolean = /^(t|true|f|false)\s*(#.*)?$/is.exec(text)
  if (boolean !== null) return { type: 'boolean', value: boolean[1]?.toLowerCase().startsWith('t') === true }
  if (text.startsWith('#')) return { type: 'numerical' }
  if (text[0] !== '=' && text[0] !== '~') return { type: 'unreadable' }
  if ((text.match(/[=~]/g)?.length ?? 0) > MAX_ANSWERS) return { type: 'unreadable' }
  const answers = [...text.matchAll(/([=~])([^=~]*)/g)].map(([, mark, body]) =>
    answerOf(mark === '=' ? '=' : '~', body ?? ''),
  )
  const matching = answers.length > 0 && answers.every(({ mark, text }) => mark === '=' && text.includes('->'))
  return matching ? { type: 'matching' } : { type: 'answers', answers }
}

const answerOf = (mark: '=' | '~', body: string): GiftAnswer => {
  const [, weight, rest] = /^\s*(?:%(-?\d+(?:\.\d+)?)%)?(.*)$/s.exec(body) ?? []
  // What follows a # is a comment for whoever picks this answer.
  const [text = ''] = (rest ?? '').split('#')
  return { mark, weight: weight === undefined ? undefined : Number(weight), text: text.trim() }
}
