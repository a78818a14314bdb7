/** What a player answered, whatever the kind of the question. */
export interface AnswerContent {
  /** Option indexes as shown, ascending. True/false: 0 = true, 1 = false. */
  readonly choices: readonly number[]
  readonly text: string | undefined
}

/** The fields of a request that carry the answer. */
export interface AnswerFields {
  readonly choice?: number
  readonly choices?: readonly number[]
  readonly text?: string
}

export const contentOf = ({ choice, choices, text }: AnswerFields): AnswerContent => ({
  choices: choice !== undefined ? [choice] : (choices ?? []).toSorted((a, b) => a - b),
  text,
})

export const isSameContent = (a: AnswerContent, b: AnswerContent): boolean =>
  a.text === b.text && a.choices.length === b.choices.length && a.choices.every((choice, i) => choice === b.choices[i])

/** Whether the fields are those of the question's kind, and no others, and name options that exist. */
export const fitsQuestion = ({ choice, choices, text }: AnswerFields, kind: string, optionCount: number): boolean => {
  const isOption = (index: number) => Number.isInteger(index) && index >= 0 && index < optionCount
  switch (kind) {
    case 'single_choice':
      return choice !== undefined && choices === undefined && text === undefined && isOption(choice)
    case 'true_false':
      return choices === undefined && text === undefined && (choice === 0 || choice === 1)
    case 'multiple_choice':
      return (
        choices !== undefined &&
        choice === undefined &&
        text === undefined &&
        choices.length > 0 &&
        new Set(choices).size === choices.length &&
        choices.every(isOption)
      )
    case 'fill_blank':
      return text !== undefined && choice === undefined && choices === undefined
    default:
      return false
  }
}
