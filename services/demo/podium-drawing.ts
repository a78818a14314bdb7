import { styleText } from 'node:util'
import type { Entry } from '#client'
import { clean, cut, grouped } from './text.ts'

/** The three steps, in the order in which they stand, with their heights in lines. */
const STEPS = [
  { place: 1, height: 3, colour: 'whiteBright' },
  { place: 0, height: 5, colour: 'yellowBright' },
  { place: 2, height: 2, colour: 'yellow' },
] as const
const MOST_WIDTH = 22
const HEIGHT = 7

/** The first three on their steps. */
export const podiumLines = (top: readonly Pick<Entry, 'rank' | 'nickname' | 'score'>[], columns: number): string[] => {
  const width = Math.min(MOST_WIDTH, Math.floor(columns / 3) - 1)
  return Array.from({ length: HEIGHT }, (_, line) =>
    STEPS.map(({ place, height, colour }) => {
      const entry = top[place]
      const above = HEIGHT - height
      if (entry === undefined || line < above - 2) return ' '.repeat(width)
      if (line === above - 2) return styleText('bold', centred(clean(entry.nickname), width))
      if (line === above - 1) return centred(grouped(entry.score), width)
      const text = line === above ? ` ${entry.rank} ` : ''
      return styleText(colour, centred(text, width, '█'))
    })
      .join(' ')
      .trimEnd(),
  )
}

const centred = (text: string, width: number, fill = ' '): string => {
  const fitting = cut(text, width)
  const left = Math.floor((width - [...fitting].length) / 2)
  return fill.repeat(left) + fitting + fill.repeat(width - left - [...fitting].length)
}
