import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const folder = join(import.meta.dirname, '..')

t.test('every statement has a name of its own: a connection refuses a name with another text', async (t) => {
  const files = globSync('**/*.ts', { cwd: folder, exclude: (path) => path.split('/').includes('test') })
  const names = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/\bsql\(\s*'([^']+)'/g)].map(([, name]) => name),
  )
  t.ok(names.length > 40, `${names.length} statements`)
  t.same(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})
