import type { Entry, PublicQuestion } from '#client'
import type { Display, Output } from './display.ts'
import { revealText } from './reveal-text.ts'
import { clean, counted, cut, grouped } from './text.ts'

/** The same as plain lines, for files, pipes and CI. */
export const createLines = (out: Pick<Output, 'write'>): Display => {
  const say = (line: string) => void out.write(`${line}\n`)
  let present = 0
  let webSockets = 0
  let question: PublicQuestion | undefined
  let top: readonly Entry[] = []

  return {
    say,
    lobby: ({ title, players, joinCode }) =>
      say(`"${clean(title)}" for ${counted(players, 'player')}, join code ${joinCode}, with streak bonus`),
    attendance: (...now) => {
      ;[present, webSockets] = now
    },
    starting: () => {
      say(`${counted(present, 'player')} joined: ${webSockets} over WebSocket, ${present - webSockets} over SSE`)
      say('The quiz starts.')
    },
    opened: (opened, difficulty) => {
      question = opened
      const kind = opened.kind.replace('_', ' ')
      const level = difficulty === undefined ? kind : `${kind}, ${difficulty}`
      say(`Question ${opened.index + 1}/${opened.count} (${level}): ${cut(clean(opened.prompt), 90)}`)
    },
    answered: () => undefined,
    paused: () => undefined,
    resumed: () => undefined,
    closed: (reveal) => {
      if (question !== undefined) say(`  ${revealText(question, reveal)}; ${standing(top)}`)
    },
    board: (entries) => {
      top = entries
    },
    tell: (line) => say(`  * ${clean(line)}`),
    finished: () => undefined,
    podium: () => undefined,
    end: () => undefined,
  }
}

const standing = (top: readonly Entry[]): string =>
  top
    .slice(0, 3)
    .map(({ rank, nickname, score }) => `${rank}. ${clean(nickname)} ${grouped(score)}`)
    .join(', ')
