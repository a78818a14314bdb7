import { useSyncExternalStore } from 'react'
import { en } from './en.ts'

export type Texts = typeof en

/** English is in every page, another language is loaded by those who read it: phones count bytes. */
const languages = {
  en: async (): Promise<Texts> => en,
  de: async (): Promise<Texts> => (await import('./de.ts')).de,
} as const
export type Language = keyof typeof languages
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

const KEY = 'podium.language'
const isLanguage = (value: string | null | undefined): value is Language =>
  value !== null && value !== undefined && value in languages

const chosen = (): Language => {
  const kept = localStorage.getItem(KEY)
  if (isLanguage(kept)) return kept
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en'
}

let language: Language = 'en'
let texts: Texts = en
const listeners = new Set<() => void>()

const show = async (next: Language): Promise<void> => {
  texts = await languages[next]()
  language = next
  document.documentElement.lang = next
  for (const listener of [...listeners]) listener()
}

/** The language of before, or of the browser. A page that cannot load it is in English. */
export const loadLanguage = (): Promise<void> => show(chosen()).catch(() => undefined)

export const setLanguage = (next: Language): Promise<void> => {
  localStorage.setItem(KEY, next)
  return show(next)
}

export const useLanguage = (): Language =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => language,
  )

export const useTexts = (): Texts => {
  useLanguage()
  return texts
}

/** 12345 → 12,345 in the language of the page. */
export const formatted = (number: number): string => number.toLocaleString(language)
