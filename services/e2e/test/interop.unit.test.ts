import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runPython, withoutPython } from './support/python.ts'

const TRANSCRIPTS = fileURLToPath(new URL('../../../proto/transcripts/', import.meta.url))

t.test('a client in another language passes the transcripts', { skip: withoutPython }, async (t) => {
  for (const file of readdirSync(TRANSCRIPTS)) {
    await t.resolves(runPython('transcript', `${TRANSCRIPTS}${file}`), file)
  }
})
