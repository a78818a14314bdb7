import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { parse } from 'yaml'
import { type CreateQuizRequest, optionText } from '#client'
import { checkQuestion } from '../../game/question.ts'

const read = (name: string): CreateQuizRequest =>
  JSON.parse(readFileSync(new URL(`../quizzes/${name}.json`, import.meta.url), 'utf8'))

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema(parse(readFileSync(new URL('../../../proto/openapi.yaml', import.meta.url), 'utf8')), 'api')
const validate = ajv.compile({ $ref: 'api#/components/schemas/CreateQuizRequest' })

const quiz = read('english')

t.test('the quiz is one that the API takes', async (t) => {
  t.ok(validate(quiz), ajv.errorsText(validate.errors))
  t.equal(new Set(quiz.questions.map(({ prompt }) => prompt)).size, quiz.questions.length)
})

for (const question of quiz.questions) {
  t.test(question.prompt, async (t) => {
    const options = 'options' in question ? question.options.map(optionText) : []
    t.ok(checkQuestion({ correct: undefined, ...question, options }).ok, 'the key fits the options')
    t.ok((question.explanation?.length ?? 0) > 20, 'it is explained')
    t.ok(question.difficulty, 'it has a difficulty')
  })
}

t.test('there is enough of everything, and the right option is everywhere', async (t) => {
  const { questions } = quiz
  for (const difficulty of ['easy', 'medium', 'hard']) {
    t.ok(questions.filter((question) => question.difficulty === difficulty).length >= 8, difficulty)
  }
  for (const kind of ['single_choice', 'multiple_choice', 'true_false', 'fill_blank']) {
    t.ok(questions.filter((question) => question.kind === kind).length >= 6, kind)
    t.ok(questions.slice(0, 10).filter((question) => question.kind === kind).length >= 2, `${kind} in the first ten`)
  }
  const places = questions.flatMap((question) => (question.kind === 'single_choice' ? [question.correct] : []))
  for (const place of [0, 1, 2, 3]) t.ok(places.filter((correct) => correct === place).length >= 5, `option ${place}`)
  const statements = questions.flatMap((question) => (question.kind === 'true_false' ? [question.correct] : []))
  t.equal(statements.filter((isTrue) => isTrue).length * 2, statements.length)
})
