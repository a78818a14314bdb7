import type { Entry, PublicQuestion, Reveal } from '#client'
import { createCanvas } from './terminal.ts'
import { clean, cut, grouped } from './text.ts'
import { optionsOf, rightOption, screenLines, type View } from './view.ts'

/** What people see of a game while it is played. */
export interface Display {
  /** A line that stays. */
  say(line: string): void
  lobby(game: { title: string; players: number; joinCode: string; serverNow: () => number }): void
  joined(count: number, webSockets: number): void
  starting(): void
  opened(question: PublicQuestion, difficulty: string | undefined): void
  answered(): void
  closed(reveal: Reveal): void
  board(top: readonly Entry[]): void
  finished(): void
  /** Nothing moves any more; gives the terminal back. May be called again. */
  end(): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>

const FRAME_MS = 100

/** The leaderboard, redrawn in place ten times a second. */
export const createScreen = (out: Output): Display => {
  const canvas = createCanvas(out)
  let view: Omit<View, 'remainingMs'> | undefined
  let serverNow = Date.now
  let timer: ReturnType<typeof setInterval> | undefined

  const draw = () => {
    if (view === undefined) return
    const remainingMs = (view.question?.closesAt ?? 0) - Math.max(serverNow(), view.question?.opensAt ?? 0)
    canvas.draw(screenLines({ ...view, remainingMs }, canvas.columns))
  }
  const change = (next: Partial<View>) => {
    if (view !== undefined) view = { ...view, ...next }
  }

  return {
    say: (line) => {
      canvas.end()
      out.write(`${line}\n`)
    },
    lobby: (game) => {
      const { title, players, joinCode } = game
      serverNow = game.serverNow
      view = { title, players, joinCode, joined: 0, webSockets: 0, phase: 'joining', answered: 0, top: [] }
      timer ??= setInterval(draw, FRAME_MS)
    },
    joined: (joined, webSockets) => change({ joined, webSockets }),
    starting: () => change({ phase: 'starting' }),
    opened: (question, difficulty = '') => change({ phase: 'open', question, difficulty, answered: 0 }),
    answered: () => change({ answered: (view?.answered ?? 0) + 1 }),
    closed: (reveal) => change({ phase: 'closed', reveal }),
    board: (top) => change({ top }),
    finished: () => change({ phase: 'finished' }),
    end: () => {
      clearInterval(timer)
      draw()
      view = undefined
      canvas.end()
    },
  }
}

/** The same as plain lines, for files, pipes and CI. */
export const createLines = (out: Pick<Output, 'write'>): Display => {
  const say = (line: string) => void out.write(`${line}\n`)
  let players = 0
  let question: PublicQuestion | undefined
  let top: readonly Entry[] = []

  return {
    say,
    lobby: (game) => {
      players = game.players
      say(`"${clean(game.title)}" for ${players} players, join code ${game.joinCode}`)
    },
    joined: (count, webSockets) => {
      if (count === players)
        say(`${count} players joined: ${webSockets} over WebSocket, ${count - webSockets} over SSE`)
    },
    starting: () => say('The quiz starts.'),
    opened: (opened, difficulty) => {
      question = opened
      const level = difficulty === undefined ? '' : ` (${difficulty})`
      say(`Question ${opened.index + 1}/${opened.count}${level}: ${cut(clean(opened.prompt), 90)}`)
    },
    answered: () => undefined,
    closed: (reveal) => {
      const right = rightOption(reveal)
      const count = Number(reveal.distribution[right] ?? 0)
      const share = reveal.answerCount === 0 ? 0 : Math.round((100 * count) / reveal.answerCount)
      const text = question === undefined ? '' : ` (${cut(clean(optionsOf(question)[right] ?? ''), 40)})`
      say(`  ${reveal.answerCount} answers, ${share} % right${text}; ${standing(top)}`)
    },
    board: (entries) => {
      top = entries
    },
    finished: () => undefined,
    end: () => undefined,
  }
}

const standing = (top: readonly Entry[]): string =>
  top
    .slice(0, 3)
    .map(({ rank, nickname, score }) => `${rank}. ${clean(nickname)} ${grouped(score)}`)
    .join(', ')
