import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'

const folder = new URL('../', import.meta.url).pathname

t.test('the library imports nothing but its own files', async (t) => {
  for (const file of globSync(`${folder}src/*.ts`)) {
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/\bfrom '([^']+)'/g)) t.match(from, /^\.\/[a-z-]+\.ts$/)
  }
})

t.test('the library type-checks with the types of a browser and none of Node', async () => {
  await promisify(execFile)('tsc', ['-p', `${folder}tsconfig.json`])
})
