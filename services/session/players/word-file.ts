import { readFile } from 'node:fs/promises'
import { createWordFilter, parseWords, type WordFilter } from '../../game/word-filter.ts'

/** Words that no nickname may hold; '' = none. Read once. @throws Error when the file cannot be read */
export const loadWordFilter = async (file: string): Promise<WordFilter> =>
  createWordFilter(file === '' ? [] : parseWords(await readFile(file, 'utf8')))
