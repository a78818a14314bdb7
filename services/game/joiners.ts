/**
 * Where zero-width joiners are spelling and no trick: emoji sequences (UTS 51) and scripts that need them (UAX 31, 2.3). Anywhere
 * else they make a text that looks like another one.
 */

/** Marks that kill the vowel of a consonant and join it to the next: canonical combining class 9, which JavaScript lacks. */
const VIRAMA =
  '[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b\\u0d3c\\u0d4d\\u0dca\\u0e3a\\u0eba\\u0f84\\u1039\\u103a' +
  '\\u1714\\u1715\\u1734\\u17d2\\u1a60\\u1b44\\u1baa\\u1bab\\u1bf2\\u1bf3\\u2d7f\\ua806\\ua82c\\ua8c4\\ua953\\ua9c0\\uaaf6\\uabed' +
  '\\u{10a3f}\\u{11046}\\u{11070}\\u{1107f}\\u{110b9}\\u{11133}\\u{11134}\\u{111c0}\\u{11235}\\u{112ea}\\u{1134d}\\u{11442}' +
  '\\u{114c2}\\u{115bf}\\u{1163f}\\u{116b6}\\u{1172b}\\u{11839}\\u{1193d}\\u{1193e}\\u{119e0}\\u{11a34}\\u{11a47}\\u{11a99}' +
  '\\u{11c3f}\\u{11d44}\\u{11d45}\\u{11d97}\\u{11f41}\\u{11f42}]'

/** Scripts whose letters join: there a non-joiner is seen. */
const JOINING = '[[\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Nkoo}\\p{sc=Mong}\\p{sc=Adlm}\\p{sc=Rohg}\\p{sc=Mand}]&&\\p{L}]'

/** Letters of these scripts that join no letter after them: behind them a non-joiner is not seen. */
const ENDING =
  '[\\u0621-\\u0625\\u0627\\u0629\\u062f-\\u0632\\u0648\\u0671-\\u0677\\u0688-\\u0699\\u06c0\\u06c3-\\u06cb\\u06cd\\u06cf\\u06d2\\u06d3\\u06d5' +
  '\\u06ee\\u06ef\\u0710\\u0715-\\u0719\\u071e\\u0728\\u072a\\u072c\\u072f\\u074d\\u0759-\\u075b\\u076b\\u076c\\u0771\\u0773\\u0774\\u0778\\u0779]'

const EMOJI = '\\p{Extended_Pictographic}'

const IN_PLACE = [
  // Arabic, Persian and others: between letters that would join.
  `(?<=(?!${ENDING})${JOINING}\\p{Mn}*)\\u200c(?=\\p{Mn}*${JOINING})`,
  // Indic: after a virama, to keep the letters apart (before a letter only) or to join them.
  `(?<=\\p{L}\\p{M}*${VIRAMA}\\p{Mn}*)(?:\\u200c(?=\\p{L})|\\u200d)`,
  // Bengali: ra keeps its shape before ya.
  '(?<=\\u09b0)\\u200d(?=\\u09cd\\u09af)',
  // Families, professions, flags with a sign on them.
  `(?<=${EMOJI}\\ufe0f?\\p{Emoji_Modifier}?)\\u200d(?=${EMOJI})`,
  // Flags of parts of countries.
  '(?<=\\u{1f3f4})[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{3,6}\\u{e007f}',
].join('|')

/** Matches the joiners, and the tags of flags, that stand where they belong. */
export const JOINERS_IN_PLACE = new RegExp(IN_PLACE, 'gv')
