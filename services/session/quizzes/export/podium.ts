import type { Quiz, StoredQuestion } from '../quiz-store.ts'

/** Everything that a host can say about a quiz, as the API names it; `import` makes the same quiz of it. */
export const exportPodium = ({ title, language, tags = [], questions }: Quiz): string => {
  const document = { format: 'podium', version: 1, title, language, tags, questions: questions.map(questionDocument) }
  return `${JSON.stringify(document, null, 1)}\n`
}

const questionDocument = ({ questionId: _, options, optionMedia, tags = [], ...question }: StoredQuestion) => ({
  ...question,
  ...(options.length > 0 && {
    options: options.map((text, index) => {
      const media = optionMedia?.[index]
      return media === undefined ? text : { text, media }
    }),
  }),
  ...(tags.length > 0 && { tags }),
})
