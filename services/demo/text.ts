import { stripVTControlCharacters } from 'node:util'

/** Text from files and players: nothing in it may move the cursor. */
export const clean = (text: string): string =>
  stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(/\p{C}/gu, '?')

/** Cut to so many characters. */
export const cut = (text: string, width: number): string => {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

export const padded = (text: string, width: number): string => {
  const fitting = cut(text, width)
  return fitting + ' '.repeat(Math.max(0, width - [...fitting].length))
}

/** 12345 → "12 345" */
export const grouped = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ' ')

export const bar = (share: number, width: number): string => {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** 1 player, 2 players */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`
