import { useState } from 'react'
import type { Kind, Option, PublicQuestion } from '#client'
import type { Texts } from './texts/index.ts'

/** What of a question is needed to name its options. */
export interface Shown {
  readonly kind: Kind
  readonly options?: readonly Option[]
}

/** Options as texts; those of a true_false are the page's own words. */
export const optionTexts = ({ kind, options = [] }: Shown, texts: Texts): readonly string[] =>
  kind === 'true_false' ? [texts.yes, texts.no] : options.map(textOf)

export const textOf = (option: Option): string => (typeof option === 'string' ? option : option.text)

/** The question that is open or was open last: the reveal does not repeat it. */
export const useLastQuestion = (question: PublicQuestion | undefined): PublicQuestion | undefined => {
  const [last, setLast] = useState(question)
  if (question !== undefined && question !== last) setLast(question)
  return question ?? last
}

/** A picture, a sound or a film that belongs to the question. */
export const QuestionMedia = ({ question }: { readonly question: PublicQuestion }) => {
  const { media } = question
  const url = media?.url ?? question.mediaUrl
  if (url === undefined || !/^https?:/.test(url)) return null
  if (media?.kind === 'audio' || media?.kind === 'video') {
    const Player = media.kind
    return <Player className="media" controls playsInline src={url} aria-label={media.alt} />
  }
  return <img className="media" src={url} alt={media?.alt ?? ''} referrerPolicy="no-referrer" />
}
