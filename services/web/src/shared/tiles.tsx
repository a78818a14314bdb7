/** Options are told apart by letter, shape and colour; after six of them shapes and colours begin again, letters do not. */
const COLOURS = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const SHAPES = [
  'M16 2 31 29H1z', // triangle
  'M16 1 31 16 16 31 1 16z', // diamond
  'M16 2a14 14 0 1 1 0 28a14 14 0 1 1 0-28z', // circle
  'M3 3h26v26H3z', // square
  'M16 1 29.3 8.7v14.6L16 31 2.7 23.3V8.7z', // hexagon
  'M16 1 31 12 25.3 30H6.7L1 12z', // pentagon
] as const

export const tileClass = (index: number): string => `tile-${COLOURS[index % COLOURS.length]}`

export const letterOf = (index: number): string => String.fromCharCode(65 + (index % 26))

export const Mark = ({ index, text = letterOf(index) }: { readonly index: number; readonly text?: string }) => (
  <span className={`mark ${tileClass(index)}`} aria-hidden="true">
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d={SHAPES[index % SHAPES.length]} />
    </svg>
    <span>{text}</span>
  </span>
)
