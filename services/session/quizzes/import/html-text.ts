import { Parser } from 'htmlparser2'
import { marked } from 'marked'

/** The formats that a text of Moodle may be in. `moodle` is its own: HTML in which line breaks stay. */
export type TextFormat = 'html' | 'moodle' | 'plain' | 'markdown'

/** Text as people see it. `media` lists what it shows or plays, by its address; '' where there is none. */
export interface PlainText {
  readonly text: string
  readonly media: readonly string[]
}

const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)
const BLOCK = new Set(
  'address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
)
const MEDIA = new Set('audio embed iframe img object picture source svg track video canvas math'.split(' '))
const UNSEEN = new Set('head link meta noscript script style template title'.split(' '))

/** True when HTML has an element of this name; `<int>` in a text about programs is no tag. */
const isElement = (name: string): boolean => INLINE.has(name) || BLOCK.has(name) || MEDIA.has(name) || UNSEEN.has(name)

/** A `<` that begins no element of HTML, or one that never ends, is a sign and becomes `&lt;`. */
const withoutLooseSigns = (html: string): string => {
  const last = html.lastIndexOf('>')
  return html.replace(/<(?!!--)(\/?)([a-z][a-z0-9]*)?/gi, (sign, _slash, name: string | undefined, at: number) =>
    name !== undefined && at < last && isElement(name.toLowerCase()) ? sign : `&lt;${sign.slice(1)}`,
  )
}

/** The text of HTML: inline elements make no space, blocks and breaks a new line, comments and scripts nothing. */
const ofHtml = (html: string, keepLines: boolean): PlainText => {
  let text = ''
  let unseen = 0
  const media: string[] = []
  const parser = new Parser(
    {
      onopentag: (name, { src = '', data = '' }) => {
        if (UNSEEN.has(name)) unseen += 1
        else if (MEDIA.has(name)) media.push(src || data)
        else if (BLOCK.has(name)) text += '\n'
      },
      ontext: (part) => {
        if (unseen === 0) text += keepLines ? part : part.replace(/\s+/g, ' ')
      },
      onclosetag: (name) => {
        if (UNSEEN.has(name)) unseen -= 1
        else if (BLOCK.has(name)) text += '\n'
      },
    },
    { decodeEntities: true },
  )
  parser.end(withoutLooseSigns(html))
  return { text: tidy(text), media }
}

const tidy = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/[^\S\n]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')

/** Markdown is read in steps that grow with its nesting: this is more than any part may have. */
const MAX_MARKDOWN_LENGTH = 2_500

/** A text in one of Moodle's formats as people see it. @throws Error for Markdown that is too long or nested too deep */
export const plainText = (source: string, format: TextFormat): PlainText => {
  switch (format) {
    case 'plain':
      return { text: source.trim(), media: [] }
    case 'markdown':
      if (source.length > MAX_MARKDOWN_LENGTH) throw new RangeError('too much Markdown')
      return ofHtml(marked.parse(source, { async: false }), false)
    case 'moodle':
      return ofHtml(source, true)
    case 'html':
      return ofHtml(source, false)
    default:
      return format satisfies never
  }
}
