import t from 'tap'
import { contentFor, type Known, otherContent, plain } from '../testing/answer-content.ts'
import { createRandom } from '../testing/random.ts'

const single: Known = { kind: 'single_choice', options: ['a', 'b', 'c', 'd'], correct: 2 }
const statement: Known = { kind: 'true_false', correct: false }
const several: Known = { kind: 'multiple_choice', options: ['a', 'b', 'c', 'd', 'e'], correct: [0, 2, 4] }
const blank: Known = { kind: 'fill_blank', correct: ["hasn't got", "'s not got"] }
const order: Known = { kind: 'ordering', options: ['a', 'b', 'c', 'd'] }
const number: Known = { kind: 'numeric', correct: { value: 10, tolerance: 2 } }
const poll: Known = { kind: 'poll', options: ['a', 'b'] }
const kinds = [single, statement, several, blank, order, number, poll]

/** The different answers of many players. */
const answers = (question: Known, knows: boolean) => {
  const all = Array.from({ length: 500 }, (_, seed) => contentFor(question, knows, createRandom(seed)))
  return [...new Set(all.map((content) => JSON.stringify(content)))].sort()
}

t.test('a player who knows gives the key, one who does not gives another answer that exists', async (t) => {
  t.strictSame(answers(single, true), ['{"choice":2}'])
  t.strictSame(answers(single, false), ['{"choice":0}', '{"choice":1}', '{"choice":3}'])
  t.strictSame(answers(statement, true), ['{"choice":1}'])
  t.strictSame(answers(statement, false), ['{"choice":0}'])
  t.strictSame(answers(several, true), ['{"choices":[0,2,4]}'])
  for (const text of answers(several, false)) {
    const { choices } = JSON.parse(text)
    t.ok(choices.length > 0 && new Set(choices).size === choices.length, text)
    t.not(text, '{"choices":[0,2,4]}')
  }
  t.ok(answers(several, false).includes('{"choices":[0,2]}'), 'half right')
  t.strictSame(answers({ ...several, options: ['a', 'b'], correct: [0, 1] }, false), [
    '{"choices":[0]}',
    '{"choices":[1]}',
  ])
})

t.test('an order is the places of the options as shown, a number is within the tolerance or not', async (t) => {
  const shown = ['c', 'a', 'd', 'b']
  t.strictSame(contentFor(order, true, createRandom(1), shown), { choices: [1, 3, 0, 2] })
  for (const text of answers(order, false)) {
    t.not(text, '{"choices":[0,1,2,3]}')
    t.equal(new Set(JSON.parse(text).choices).size, 4, text)
  }
  t.strictSame(answers(number, true), ['{"number":10}'])
  for (const text of answers(number, false)) t.ok(Math.abs(JSON.parse(text).number - 10) > 2, text)
  t.strictSame(answers(poll, true), ['{"choice":0}', '{"choice":1}'])
})

t.test('plain texts do not depend on the keyboard', async (t) => {
  t.equal(plain(' I\u2019VE  seen '), "i've seen")
})

t.test('right texts are typed in the ways of phones', async (t) => {
  const texts = answers(blank, true).map((text) => JSON.parse(text).text)
  for (const text of texts) t.ok(["hasn't got", "'s not got"].includes(plain(text)), text)
  for (const typed of ["HASN'T GOT", " hasn't got ", "hasn't  got", 'hasn\u2019t got', "Hasn't got"]) {
    t.ok(texts.includes(typed), typed)
  }
})

t.test('mistakes are near the key and never right', async (t) => {
  for (const question of [blank, { ...blank, correct: ['of'] }, { ...blank, correct: ['a', 'as'] }]) {
    const right = [question.correct].flat().map(String)
    const texts = answers(question, false).map((text) => JSON.parse(text).text)
    t.ok(texts.length > 2)
    for (const text of texts) t.ok(plain(text) !== '' && !right.includes(plain(text)), text)
  }
})

t.test('another answer is another one, and there is such an option', async (t) => {
  for (const question of kinds) {
    for (const knows of [true, false]) {
      for (let seed = 0; seed < 50; seed++) {
        const content = contentFor(question, knows, createRandom(seed))
        const other = otherContent(question, content)
        t.notSame(other, content)
        for (const choice of 'choices' in other ? other.choices : 'choice' in other ? [other.choice] : []) {
          if (choice < 0 || choice >= ('options' in question ? question.options.length : 2)) t.fail(`option ${choice}`)
        }
      }
    }
  }
})
