import type { Texts } from './texts/index.ts'

/** A failure in words; the server's `detail` is for developers. */
export const problemText = (error: unknown, texts: Texts): string => {
  const code = (error as { readonly code?: unknown } | null)?.code
  return (typeof code === 'string' ? texts.problems[code] : undefined) ?? texts.unknownProblem
}

export const codeOf = (error: unknown): string | undefined => {
  const code = (error as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}
