import type { Faults } from './field-error.ts'

export const MEDIA_KINDS = ['image', 'audio', 'video'] as const

/** Something to look at or to listen to, with a question or one of its options. */
export interface Media {
  readonly kind: (typeof MEDIA_KINDS)[number]
  readonly url: string
  /** What it shows or says, for those who cannot see or hear it. */
  readonly alt?: string | undefined
  readonly durationMs?: number | undefined
}

/** As it was sent, not checked yet. */
export interface MediaInput extends Omit<Media, 'kind'> {
  readonly kind: string
}

const MAX_DURATION_MS = 3_600_000

const AUDIO = /\.(?:mp3|m4a|aac|ogg|oga|opus|wav|flac)$/i
const VIDEO = /\.(?:mp4|m4v|webm|mov|ogv)$/i

/** The media behind an address alone: of the kind that its file name says, an image by default. */
export const mediaOfUrl = (url: string): Media => {
  const [path = ''] = url.split(/[?#]/)
  return { kind: AUDIO.test(path) ? 'audio' : VIDEO.test(path) ? 'video' : 'image', url }
}

const checkUrl = (url: string, pointer: string, faults: Faults): void => {
  faults.text(pointer, url, 1, 2_000)
  if (!/^https?:\/\/\S+$/.test(url)) faults.add(pointer, 'pattern')
}

export const checkMedia = (media: MediaInput, pointer: string, faults: Faults): Media | undefined => {
  const kind = MEDIA_KINDS.find((known) => known === media.kind)
  if (kind === undefined) faults.add(`${pointer}/kind`, 'enum')
  checkUrl(media.url, `${pointer}/url`, faults)
  if (media.alt !== undefined) faults.text(`${pointer}/alt`, media.alt, 0, 500)
  if (media.durationMs !== undefined) faults.integer(`${pointer}/durationMs`, media.durationMs, 0, MAX_DURATION_MS)
  const { url, alt, durationMs } = media
  return kind === undefined
    ? undefined
    : { kind, url, ...(alt !== undefined && { alt }), ...(durationMs !== undefined && { durationMs }) }
}

/** The media of a question, which may be named by their address alone: the short form must not contradict the whole one. */
export const checkQuestionMedia = (
  { media, mediaUrl }: { readonly media?: MediaInput | undefined; readonly mediaUrl?: string | undefined },
  pointer: string,
  faults: Faults,
): Media | undefined => {
  if (media !== undefined) {
    if (mediaUrl !== undefined && mediaUrl !== media.url) faults.add(`${pointer}/mediaUrl`, 'const')
    return checkMedia(media, `${pointer}/media`, faults)
  }
  if (mediaUrl === undefined) return undefined
  checkUrl(mediaUrl, `${pointer}/mediaUrl`, faults)
  return mediaOfUrl(mediaUrl)
}
