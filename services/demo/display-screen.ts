import type { Display, GameOnShow, Output } from './display.ts'
import { podiumLines } from './podium-drawing.ts'
import { createCanvas } from './terminal.ts'
import { screenLines, type View } from './view.ts'

const FRAME_MS = 100
/** Figures that change with every frame cannot be read. */
const LATENCY_MS = 1_000
const MOST_EVENTS = 10

/** The game, redrawn in place ten times a second. */
export const createScreen = (out: Output): Display => {
  const canvas = createCanvas(out)
  let view: Omit<View, 'remainingMs'> | undefined
  let game: GameOnShow | undefined
  let pausedWithMs = 0
  let timers: ReturnType<typeof setInterval>[] = []

  const remainingMs = (): number => {
    if (view?.question === undefined || game === undefined) return 0
    if (view.phase === 'paused') return pausedWithMs
    return view.question.closesAt - Math.max(game.serverNow(), view.question.opensAt)
  }
  const draw = () => {
    if (view !== undefined) canvas.draw(screenLines({ ...view, remainingMs: remainingMs() }, canvas))
  }
  const change = (next: Partial<View>) => {
    if (view !== undefined) view = { ...view, ...next }
  }

  return {
    say: (line) => {
      canvas.end()
      out.write(`${line}\n`)
    },
    lobby: (shown) => {
      game = shown
      const { title, players, joinCode } = shown
      const nothing = { joined: 0, webSockets: 0, answered: 0, top: [], before: new Map(), events: [], latency: '' }
      view = { title, players, joinCode, phase: 'joining', ...nothing }
      const measure = () => change({ latency: shown.latency() })
      timers = [setInterval(draw, FRAME_MS), setInterval(measure, LATENCY_MS)]
    },
    attendance: (joined, webSockets) => change({ joined, webSockets }),
    starting: () => change({ phase: 'starting' }),
    opened: (question, difficulty = '') => {
      // In the lobby all players are first.
      const ranked = question.index === 0 ? [] : (view?.top ?? [])
      const before = new Map(ranked.map(({ playerId, rank }) => [playerId, rank]))
      change({ phase: 'open', question, difficulty, answered: 0, before })
    },
    answered: () => change({ answered: (view?.answered ?? 0) + 1 }),
    paused: (ms) => {
      pausedWithMs = ms
      change({ phase: 'paused' })
    },
    resumed: (question) => change(question === undefined ? { phase: 'closed' } : { phase: 'open', question }),
    closed: (reveal) => change({ phase: 'closed', reveal }),
    board: (top) => change({ top }),
    tell: (line) => change({ events: [...(view?.events ?? []), line].slice(-MOST_EVENTS) }),
    finished: () => change({ phase: 'finished', ...(game && { latency: game.latency() }) }),
    podium: (top) => {
      canvas.end()
      out.write(`\n${podiumLines(top, canvas.columns).join('\n')}\n`)
    },
    end: () => {
      for (const timer of timers) clearInterval(timer)
      draw()
      view = undefined
      canvas.end()
    },
  }
}
