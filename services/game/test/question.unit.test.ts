import t from 'tap'
import { checkQuestion, checkQuiz, type QuestionInput } from '../question.ts'

const single: QuestionInput = { kind: 'single_choice', prompt: 'Two?', options: ['1', '2'], correct: 1 }
const faultsOf = (input: Partial<QuestionInput>) => {
  const checked = checkQuestion({ ...single, ...input }, '/questions/0')
  return checked.ok ? [] : checked.errors.map(({ pointer, code }) => `${pointer.replace('/questions/0', '')} ${code}`)
}

t.test('questions of every kind are accepted', async (t) => {
  t.same(faultsOf({}), [])
  t.same(faultsOf({ kind: 'multiple_choice', correct: [0] }), [])
  t.same(faultsOf({ kind: 'multiple_choice', correct: [1, 0] }), [])
  t.same(faultsOf({ kind: 'true_false', options: [], correct: false }), [])
  t.same(faultsOf({ kind: 'numeric', options: [], correct: { value: 1.5, tolerance: 0 } }), [])
  t.same(faultsOf({ kind: 'poll', correct: undefined }), [])
  t.same(faultsOf({ kind: 'ordering', options: ['1', '2', '3'], correct: undefined }), [])
  t.same(faultsOf({ kind: 'fill_blank', options: [], correct: ["it's", 'it is'] }), [])
  t.same(
    faultsOf({ points: 0, timeLimitSeconds: 1, difficulty: 'hard', explanation: '', mediaUrl: 'https://x.y/z' }),
    [],
  )
})

t.test('every fault is named, where it is', async (t) => {
  const cases: readonly [Partial<QuestionInput>, readonly string[]][] = [
    [{ kind: 'essay' }, ['/kind enum']],
    [{ prompt: ' ' }, ['/prompt minLength']],
    [{ prompt: 'x'.repeat(1_001) }, ['/prompt maxLength']],
    [{ prompt: 'a\0b' }, ['/prompt pattern']],
    [{ options: ['1'], correct: 0 }, ['/options minItems']],
    [{ options: Array.from({ length: 11 }, String) }, ['/options maxItems']],
    [{ options: ['1', ''] }, ['/options/1 minLength']],
    [{ options: ['went', 'gone', 'we\u200bnt '] }, ['/options/2 duplicate-options']],
    [{ kind: 'multiple_choice', options: ['a', 'a'], correct: [0] }, ['/options/1 duplicate-options']],
    [{ options: ['x'.repeat(500_000), '1'] }, ['/options/0 maxLength']],
    [{ correct: 2 }, ['/correct maximum']],
    [{ correct: -1 }, ['/correct maximum']],
    [{ correct: 0.5 }, ['/correct maximum']],
    [{ correct: '1' }, ['/correct type']],
    [{ correct: [1] }, ['/correct type']],
    [{ correct: undefined }, ['/correct type']],
    [{ kind: 'multiple_choice', correct: 1 }, ['/correct type']],
    [{ kind: 'multiple_choice', correct: [] }, ['/correct minItems']],
    [{ kind: 'multiple_choice', correct: [1, 1] }, ['/correct uniqueItems']],
    [{ kind: 'multiple_choice', correct: [0, 2] }, ['/correct maximum']],
    [{ kind: 'true_false', correct: true }, ['/options maxItems']],
    [{ kind: 'true_false', options: [], correct: 0 }, ['/correct type']],
    [{ kind: 'fill_blank', options: [], correct: 'x' }, ['/correct type']],
    [{ kind: 'fill_blank', options: [], correct: [] }, ['/correct minItems']],
    [{ kind: 'fill_blank', options: [], correct: ['x', ' '] }, ['/correct/1 minLength']],
    [{ kind: 'ordering', correct: [0, 1] }, ['/correct not']],
    [{ kind: 'ordering', options: ['1'], correct: undefined }, ['/options minItems']],
    [{ kind: 'numeric', options: [], correct: 1 }, ['/correct type']],
    [{ kind: 'numeric', options: [], correct: { value: '1' } }, ['/correct/value type', '/correct/tolerance type']],
    [{ kind: 'numeric', options: [], correct: { value: 1, tolerance: -1 } }, ['/correct/tolerance minimum']],
    [{ kind: 'poll', correct: 0 }, ['/correct not']],
    [{ points: -1 }, ['/points minimum']],
    [{ points: 10_001 }, ['/points maximum']],
    [{ points: 1.5 }, ['/points type']],
    [{ timeLimitSeconds: 0 }, ['/timeLimitSeconds minimum']],
    [{ difficulty: 'brutal' }, ['/difficulty enum']],
    [{ mediaUrl: 'javascript:alert(1)' }, ['/mediaUrl pattern']],
    [{ prompt: '', correct: 9 }, ['/prompt minLength', '/correct maximum']],
  ]
  for (const [input, faults] of cases) t.same(faultsOf(input), faults, JSON.stringify(input))
})

t.test('a quiz reports the faults of all its questions', async (t) => {
  const checked = checkQuiz({ title: '', questions: [single, { ...single, correct: 5 }] })
  t.same(checked, {
    ok: false,
    errors: [
      { pointer: '/title', code: 'minLength' },
      { pointer: '/questions/1/correct', code: 'maximum' },
    ],
  })
  t.match(checkQuiz({ title: 'A', questions: [] }), {
    ok: false,
    errors: [{ pointer: '/questions', code: 'minItems' }],
  })
  t.equal(checkQuiz({ title: 'A', questions: [single] }).ok, true)
})
