import t from 'tap'
import { PodiumError } from '#platform/errors'
import { loadRequestSchemas } from '../../api/request-schemas.ts'

const BYTES = 256 * 1024

const faultsOf = (validate: (value: unknown) => unknown, value: unknown): number => {
  try {
    validate(value)
  } catch (err) {
    if (err instanceof PodiumError) return err.errors?.length ?? 0
  }
  return 0
}

t.test('nothing that fits into a body takes long to be refused', async (t) => {
  const { createQuiz, createSession, join } = await loadRequestSchemas()
  const questions = (piece: string) =>
    `{"title":"x","questions":[${`${piece},`.repeat(BYTES / (piece.length + 1) - 20)}${piece}]}`
  const members = (name: (index: number) => string) =>
    `{${Array.from({ length: BYTES / 12 }, (_, index) => `"${name(index)}":1`).join(',')}}`
  const bodies = [
    [createQuiz, questions('1')],
    [createQuiz, questions('{}')],
    [createQuiz, questions('{"a":1,"b":2}')],
    [createQuiz, questions('{"kind":"fill_blank","prompt":"x","correct":[{}]}')],
    [createQuiz, `{"title":"x","questions":[{"kind":"single_choice","correct":[${'{},'.repeat(BYTES / 4)}1]}]}`],
    [createSession, members((index) => `k${index}`)],
    [join, members((index) => `k${index}`)],
  ] as const
  for (const [validate, text] of bodies) {
    const value = JSON.parse(text)
    const before = performance.now()
    t.ok(faultsOf(validate, value) > 0, text.slice(0, 60))
    t.ok(performance.now() - before < 2_000, 'a few milliseconds, and never the minute of all faults')
  }
})

t.test('of what is small every fault is named, up to twenty', async (t) => {
  const { createQuiz } = await loadRequestSchemas()
  t.equal(faultsOf(createQuiz, { title: '', questions: [1, 2] }), 3)
  t.equal(faultsOf(createQuiz, { title: 'x', questions: Array.from({ length: 100 }, () => 1) }), 20)
})
