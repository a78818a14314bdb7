/**
 * Stand-ins for what a running Podium hands out. What is drawn from a seed holds these, so that it is the same for every run;
 * they are replaced when it is sent.
 */
export const WORDS = [
  '<session>',
  '<code>',
  '<other-session>',
  '<quiz>',
  '<question>',
  '<old-question>',
  '<player-id>',
  '<host>',
  '<player>',
  '<other-player>',
  '<user>',
  '<rival>',
] as const

export type Word = (typeof WORDS)[number]
export type Words = Readonly<Record<Word, string>>

const ANY_WORD =
  /<(?:session|code|other-session|quiz|question|old-question|player-id|host|player|other-player|user|rival)>/g

export const fill = (text: string, words: Words): string => text.replace(ANY_WORD, (word) => words[word as Word])
