import t from 'tap'
import { findProblems } from '../check-structure.ts'

const problems = (path: string, text: string) => findProblems([{ path, text }])

t.test('a service may import itself, the library and packages', async (t) => {
  const text = [
    "import { a } from '../domain/a.ts'",
    "import { b } from '#lib/nats'",
    "import { c } from '#gen/answer_pb'",
    "import pg from 'pg'",
    "import { d } from '../../../lib/test/support/nats.ts'",
  ].join('\n')
  t.strictSame(problems('services/scorer/src/app/score.ts', text), [])
})

t.test('a service that imports another one is a problem, however it is written', async (t) => {
  const other = '../../session/src/domain/quiz.ts'
  for (const text of [
    `import { q } from '${other}'`,
    `import {\n  q,\n} from '${other}'`,
    `import '${other}'`,
    `export * from '${other}'`,
    `export type { Q } from "${other}"`,
    `const q = await import('${other}')`,
    "import { Client } from '#client'",
  ]) {
    t.match(problems('services/scorer/src/main.ts', text), [/never imports another/], text)
  }
})

t.test('the demo may use the client and verify, but no service', async (t) => {
  const text = "import { Client } from '#client'\nimport { verify } from '../../verify/src/index.ts'"
  t.strictSame(problems('services/demo/src/main.ts', text), [])
  t.match(problems('services/demo/src/main.ts', "import '../../edge/src/main.ts'"), [/never imports another/])
})

t.test('only tests across services may look into several of them', async (t) => {
  const text = "import { rule } from '../../scorer/src/domain/rule.ts'"
  t.strictSame(problems('services/e2e/test/rules.unit.test.ts', text), [])
  t.match(problems('services/session/test/rules.unit.test.ts', text), [/never imports another/])
})

t.test('a domain imports nothing outside itself, not even the library or Node', async (t) => {
  const path = 'services/scorer/src/domain/speed.ts'
  t.strictSame(problems(path, "import { round } from './round.ts'"), [])
  for (const specifier of ['#lib/errors', 'node:crypto', 'uuid', '../app/ports.ts']) {
    t.match(problems(path, `import { x } from '${specifier}'`), [/imports nothing outside/], specifier)
  }
})

t.test('a main.ts has at most 40 lines', async (t) => {
  t.strictSame(problems('services/scorer/src/main.ts', 'x()\n'.repeat(40)), [])
  t.match(problems('services/scorer/src/main.ts', 'x()\n'.repeat(41)), [/41 lines/])
})

t.test('words in comments and strings are no imports', async (t) => {
  const text = "// import { q } from '../../session/src/domain/quiz.ts'\nconst text = 'from \"../../edge/src/x.ts\"'"
  t.strictSame(problems('services/scorer/src/a.ts', text), [])
})
