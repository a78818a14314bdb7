import { generate } from 'lean-qr'

/** A QR code as one path; dark on light in every theme, because that is what cameras expect. */
export const Qr = ({ text, label }: { readonly text: string; readonly label: string }) => {
  const code = generate(text)
  const quiet = 2
  const runs: string[] = []
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) runs.push(`M${x + quiet} ${y + quiet}h1v1h-1z`)
  }
  const size = code.size + 2 * quiet
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={runs.join('')} fill="#15131f" />
    </svg>
  )
}
