import type { Media, PublicQuestion } from '#gen/feed_pb'

/** Something to look at or to listen to, in documents of the API. */
export const mediaJson = ({ kind, url, alt, durationMs }: Media) => ({
  kind,
  url,
  ...(alt !== undefined && { alt }),
  ...(durationMs !== undefined && { durationMs }),
})

/** The media of a question, and its address alone as the short form. */
export const questionMediaJson = ({ media, mediaUrl }: Pick<PublicQuestion, 'media' | 'mediaUrl'>) => ({
  ...(media !== undefined && { media: mediaJson(media) }),
  ...(mediaUrl !== undefined && { mediaUrl }),
})

/** An option is its text, or an object where something is shown with it. */
export const optionsJson = (question: {
  readonly options: readonly string[]
  readonly optionMedia: Readonly<Record<number, Media>>
}) =>
  question.options.map((text, index) => {
    const media = question.optionMedia[index]
    return media === undefined ? text : { text, media: mediaJson(media) }
  })
