/** Draws a block of lines again and again in the same place of a terminal. */
export interface Canvas {
  readonly columns: number
  /** Lines that can be drawn. */
  readonly rows: number
  draw(lines: readonly string[]): void
  /** Leaves the block as it is and gives the cursor back; what is written next comes below it. */
  end(): void
}

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

export const createCanvas = (out: Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>): Canvas => {
  let height = 0
  // A block higher than the window could not be drawn over.
  const rows = () => Math.max(1, (out.rows ?? 24) - 1)
  return {
    get columns() {
      return Math.max(50, Math.min(110, (out.columns ?? 80) - 1))
    },
    get rows() {
      return rows()
    },
    draw: (lines) => {
      const visible = lines.slice(0, rows())
      const back = height > 1 ? `\u001b[${height - 1}F` : height === 1 ? '\r' : ''
      out.write(`${HIDE_CURSOR}${back}${visible.map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_BELOW}`)
      height = visible.length
    },
    end: () => {
      if (height > 0) out.write(`\n${SHOW_CURSOR}`)
      height = 0
    },
  }
}

/** Whether lines may be drawn over and coloured. */
export const isInteractive = (out: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  out.isTTY === true && (env.NO_COLOR === undefined || env.NO_COLOR === '') && env.TERM !== 'dumb'
