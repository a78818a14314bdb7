import t from 'tap'
import { createUsedAnswerIds } from '../../answers/accept-answer.ts'

t.test('the id of the latest answer is good for its own question only', async (t) => {
  const used = createUsedAnswerIds()
  used.note('ada', 'one', 0)
  t.doesNotThrow(() => used.check('ada', 'one', 0), 'a repeat')
  t.doesNotThrow(() => used.check('ada', 'two', 1))
  t.doesNotThrow(() => used.check('bob', 'one', 1), 'another player chose the same')
  t.throws(() => used.check('ada', 'one', 1), { code: 'answer-id-reused' })
})

t.test('an id from before the latest answer is not known any more', async (t) => {
  const used = createUsedAnswerIds()
  used.note('ada', 'one', 0)
  used.note('ada', 'two', 1)
  t.doesNotThrow(() => used.check('ada', 'one', 2))
})
