import { en, enDesk } from './en.ts'
import { type Texts, useLanguage, useTexts } from './index.ts'

export type DeskTexts = Texts & typeof enDesk

const english: DeskTexts = { ...en, ...enDesk }

/** All texts, for the host's page and the screen. The other languages have them in one piece. */
export const useDeskTexts = (): DeskTexts => {
  const texts = useTexts()
  return useLanguage() === 'en' ? english : (texts as DeskTexts)
}
