import t from 'tap'
import { closureOf, readModels, readSchemas } from '../generate/schemas.ts'

const models = readModels()

t.test('every model has a name of its own, and every name that is used is a model', async (t) => {
  const names = models.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  t.same(closureOf(models, names), models)
})

t.test('every schema is titled, so that generators have a name for it', async (t) => {
  for (const [name, { title }] of Object.entries(readSchemas())) t.equal(title, name)
})

t.test('times are 64 bits wide', async (t) => {
  t.match(
    models.find(({ name }) => name === 'Timestamp'),
    { type: { is: 'long' } },
  )
  for (const model of models) {
    if (model.is !== 'object') continue
    for (const { name, type } of model.members.filter(({ name }) => /At$|^now$/.test(name))) {
      t.same(type, { is: 'model', name: 'Timestamp' }, `${model.name}.${name}`)
    }
  }
})

t.test('what a stream needs is a part of it', async (t) => {
  const stream = closureOf(models, ['ServerMessage', 'ClientMessage']).map(({ name }) => name)
  for (const name of ['Snapshot', 'SessionState', 'NumericReveal', 'AnswerRequest', 'Problem'])
    t.ok(stream.includes(name), name)
  t.notOk(stream.includes('Quiz'))
})
