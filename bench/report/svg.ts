/** The little of SVG that charts need. */

export const WIDTH = 760
export const HEIGHT = 400

/** Told apart also by those who do not see all colours, on white and on black. */
export const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#999933', '#7f7f7f'] as const

export const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? COLOURS[0]

type Attributes = Readonly<Record<string, string | number>>

export const element = (name: string, attributes: Attributes, content = ''): string => {
  const text = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === 'number' ? String(round(value)) : value)}"`)
    .join('')
  return content === '' ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`
}

export const text = (x: number, y: number, content: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escapeXml(content))

/** The colours of text and lines follow the reader's light or dark scheme. */
export const picture = (title: string, height: number, content: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    '<style>',
    // No custom properties: not everything that shows SVG knows them.
    'svg{font:12px system-ui,sans-serif}.title{font-size:14px;font-weight:600}.series{fill:none;stroke-width:2}',
    '.grid,.axis{stroke-width:1}',
    'text{fill:#1f2328}.axis{stroke:#1f2328}.grid{stroke:#d0d7de}.paper{fill:#ffffff}',
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.axis{stroke:#e6edf3}.grid{stroke:#3d444d}.paper{fill:#0d1117}}',
    '</style>',
    element('rect', { class: 'paper', width: WIDTH, height }),
    text(WIDTH / 2, 22, title, { class: 'title', 'text-anchor': 'middle' }),
    ...content,
    '</svg>',
    '',
  ].join('\n')

/** Coloured squares with names, in rows. */
export const legend = (names: readonly string[], x: number, y: number, width: number): string[] => {
  const column = Math.max(120, ...names.map((name) => name.length * 7 + 24))
  const columns = Math.max(1, Math.floor(width / column))
  return names.flatMap((name, index) => {
    const [left, top] = [x + (index % columns) * column, y + Math.floor(index / columns) * 18]
    return [
      element('rect', { x: left, y: top - 10, width: 11, height: 11, fill: colourOf(index) }),
      text(left + 16, top, name),
    ]
  })
}

export const legendRows = (names: readonly string[], width: number): number => {
  const column = Math.max(120, ...names.map((name) => name.length * 7 + 24))
  return Math.ceil(names.length / Math.max(1, Math.floor(width / column)))
}

const escapeXml = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const round = (value: number): number => Math.round(value * 100) / 100
