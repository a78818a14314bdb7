import { globSync, readFileSync } from 'node:fs'
import t from 'tap'

const folder = new URL('../', import.meta.url).pathname

t.test('the library imports nothing but its own files', async (t) => {
  for (const file of globSync(`${folder}src/**/*.ts`)) {
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/\bfrom '([^']+)'/g))
      t.match(from, /^\.\/(types\/)?[a-z-]+\.ts$/)
  }
})
