import t from 'tap'
import { contentOf, fitsQuestion, isSameContent } from '../../answers/answer-content.ts'

t.test('what fits a question of each kind', async (t) => {
  const options = { single_choice: 4, multiple_choice: 4, true_false: 0, fill_blank: 0 }
  const fits = {
    single_choice: [{ choice: 0 }, { choice: 3 }],
    true_false: [{ choice: 0 }, { choice: 1 }],
    multiple_choice: [{ choices: [0] }, { choices: [3, 1] }],
    fill_blank: [{ text: 'went' }, { text: '' }],
  }
  const doesNot = {
    single_choice: [
      {},
      { choice: -1 },
      { choice: 4 },
      { choice: 1e9 },
      { choices: [0] },
      { text: 'a' },
      { choice: 0, text: '' },
    ],
    true_false: [{}, { choice: 2 }, { choice: -1 }, { choices: [0] }, { text: 'true' }, { choice: 0, choices: [] }],
    multiple_choice: [{}, { choices: [] }, { choices: [0, 0] }, { choices: [4] }, { choices: [0, -1] }, { choice: 0 }],
    fill_blank: [{}, { choice: 0 }, { choices: [] }, { text: 'x', choice: 0 }],
    essay: [{ text: 'x' }],
  }
  for (const [kind, list] of Object.entries(fits)) {
    const optionCount = options[kind as keyof typeof options]
    for (const fields of list) t.ok(fitsQuestion(fields, kind, optionCount), `${kind} ${JSON.stringify(fields)}`)
  }
  for (const [kind, list] of Object.entries(doesNot)) {
    const optionCount = options[kind as keyof typeof options] ?? 4
    for (const fields of list) t.notOk(fitsQuestion(fields, kind, optionCount), `${kind} ${JSON.stringify(fields)}`)
  }
})

t.test('the same content is the same whatever the order of the options', async (t) => {
  t.ok(isSameContent(contentOf({ choices: [2, 0] }), contentOf({ choices: [0, 2] })))
  t.notOk(isSameContent(contentOf({ choices: [0] }), contentOf({ choices: [0, 2] })))
  t.notOk(isSameContent(contentOf({ choice: 0 }), contentOf({ choice: 1 })))
  t.notOk(isSameContent(contentOf({ text: 'a' }), contentOf({ text: 'A' })), 'texts as typed')
  t.notOk(isSameContent(contentOf({ text: '' }), contentOf({})))
})
