import t from 'tap'
import type { Known } from '../testing/answer-content.ts'

import { personasOf, planFor } from '../testing/persona.ts'

const question: Known = { kind: 'single_choice', options: ['a', 'b', 'c', 'd'], correct: 2, difficulty: 'medium' }
const crowd = (count: number, seed = '1') => personasOf(count, seed)
const nicknamesFor = (count: number, seed: string) => personasOf(count, seed).map(({ nickname }) => nickname)

t.test('nicknames differ, fit, and are those of the seed', async (t) => {
  const names = nicknamesFor(2_000, 'a')
  t.equal(new Set(names.map((name) => name.normalize('NFKC').toLowerCase())).size, 2_000)
  t.ok(names.every((name) => [...name].length <= 24))
  t.strictSame(nicknamesFor(2_000, 'a'), names)
  t.notSame(nicknamesFor(2_000, 'b'), names)
})

t.test('a run repeats: the same seed gives the same personas and the same plans', async (t) => {
  const plans = (seed: string) => crowd(30, seed).map((persona) => planFor(persona, question, 3, 30))
  t.strictSame(crowd(30), crowd(30))
  t.strictSame(plans('x'), plans('x'))
  t.notSame(plans('x'), plans('y'))
})

t.test('better players and easier questions have more right answers', async (t) => {
  const right = (known: Known, players = crowd(400)) =>
    players.filter((persona) => JSON.stringify(planFor(persona, known, 0, 400).content) === '{"choice":2}').length /
    players.length
  t.ok(right({ ...question, difficulty: 'easy' }) > right(question))
  t.ok(right(question) > right({ ...question, difficulty: 'hard' }))
  const players = crowd(400).sort((a, b) => a.skill - b.skill)
  t.ok(right(question, players.slice(200)) > right(question, players.slice(0, 200)) + 0.1)
})

t.test('every fourth question has a player who is late, all others are answered in time', async (t) => {
  for (const players of [1, 2, 7, 100]) {
    const personas = crowd(players)
    for (let index = 0; index < 12; index++) {
      const kinds = personas.map((persona) => planFor(persona, question, index, players).kind)
      if (index % 4 === 3) t.ok(kinds.includes('late'), `question ${index}, ${players} players`)
      else t.ok(kinds.every((kind) => kind === 'on-time'))
    }
  }
})

t.test('thoughts take a while but not too long', async (t) => {
  for (const persona of crowd(300)) {
    const { delayMs } = planFor(persona, question, 1, 300)
    if (delayMs < 250 || delayMs > 2_400) t.fail(`${delayMs}`)
  }
})
