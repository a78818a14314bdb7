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

const MAX_MEDIA_URL_LENGTH = 2_000

/** Names that lead into the network of the device that loads them; public names have a dot and no such ending. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home|corp|intranet|arpa|test|invalid)$/

/**
 * The host of an address that players' apps may load: https, on the usual port, without credentials, by a public name. An
 * address of numbers is none: it would be a request into the player's own network, or one that no certificate is for.
 */
export const mediaHostOf = (text: string): string | undefined => {
  if (text.length > MAX_MEDIA_URL_LENGTH || !/^https:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return undefined
  const { protocol, username, password, port, hostname } = new URL(text)
  if (protocol !== 'https:' || username !== '' || password !== '' || port !== '') return undefined
  const host = hostname.replace(/\.$/, '')
  const isName = host.includes('.') && /\.[a-z][a-z0-9-]*$/.test(host) && !LOCAL_NAME.test(host)
  return isName ? host : undefined
}

/** Whether a host is one of these or below one: `example.org` also stands for `img.example.org`. None at all: every host is. */
export const isMediaHost = (host: string, hosts: readonly string[]): boolean =>
  hosts.length === 0 || hosts.some((allowed) => host === allowed || host.endsWith(`.${allowed}`))

type WithMedia = {
  readonly media?: Media | undefined
  readonly optionMedia?: Readonly<Record<string, Media>> | undefined
}

/** Whether a question shows something that lies on another host than these. */
export const hasMediaElsewhere = ({ media, optionMedia = {} }: WithMedia, hosts: readonly string[]): boolean =>
  [media, ...Object.values(optionMedia)].some(
    (each) => each !== undefined && !isMediaHost(mediaHostOf(each.url) ?? '', hosts),
  )

const checkUrl = (url: string, pointer: string, faults: Faults): void => {
  faults.text(pointer, url, 1, MAX_MEDIA_URL_LENGTH)
  if (mediaHostOf(url) === undefined) faults.add(pointer, 'pattern')
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
