import { create, type DescMessage, type MessageInitShape, toBinary, toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import t from 'tap'
import {
  type CommandReply,
  HistoryRequestSchema,
  MistakesRequestSchema,
  OwnResultsRequestSchema,
} from '#gen/command_pb'
import type { CommandName } from '#platform/contract/subjects'
import { sendCommand } from '#platform/rpc'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { codeOf, createClient, type QuestionJson, single } from '../support/client.ts'
import { score } from '../support/scoring.ts'
import { createWorld, startCopy } from '../support/world.ts'

const questions: readonly QuestionJson[] = [
  single('One', 1, { explanation: 'Because.', tags: ['verbs'] }),
  { kind: 'poll', prompt: 'Like it?', options: ['yes', 'no'] },
  { kind: 'fill_blank', prompt: 'Blank', correct: ['x'] },
]

t.test('what a learner gets', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const { nc, pool, issuer } = world
  const client = createClient(world)
  const send = <C extends Exclude<CommandReply['reply']['case'], 'problem' | undefined>, S extends DescMessage>(
    name: CommandName,
    expected: C,
    schema: S,
    request: MessageInitShape<S>,
    token: string,
  ) => sendCommand(nc, name, toBinary(schema, create(schema, request)), expected, { token })
  const own = (sessionId: string, token: string) =>
    send('own-results', 'ownResults', OwnResultsRequestSchema, { sessionId }, token)
  const as = async (userId: string) => {
    const token = await issuer.token({ sub: userId, name: userId })
    return {
      history: (page = {}) => send('own-history', 'history', HistoryRequestSchema, { limit: 20, ...page }, token),
      mistakes: (page = {}) =>
        send('own-mistakes', 'mistakeList', MistakesRequestSchema, { limit: 20, ...page }, token),
    }
  }
  /** Puts a session into the state that it has when so many questions were revealed. */
  const reveal = (sessionId: string, count: number, phase: object) =>
    pool.query(
      `UPDATE sessions
          SET state = state || jsonb_build_object('phase', $2::jsonb, 'epoch', epoch + 1, 'revealed', $3::jsonb),
              epoch = epoch + 1, status = $4, finished_at = now()
        WHERE id = $1`,
      [
        sessionId,
        JSON.stringify(phase),
        JSON.stringify({ index: count - 1, tally: { answerCount: 0, optionCounts: [], textCounts: [] } }),
        'status' in phase ? phase.status : '',
      ],
    )
  const finished = { status: 'finished', at: 1_000 }

  const played = async (title: string) => {
    const quizId = await client.createQuiz(questions, title)
    const { sessionId } = await client.createSession(quizId)
    const [ada, bob] = [await client.join(sessionId, 'ada'), await client.join(sessionId, 'bob')]
    await score(world, sessionId, 0, [
      { playerId: ada.playerId, points: 0, elapsedMs: 900, correct: false, choices: [2] },
      { playerId: bob.playerId, points: 800, elapsedMs: 500, correct: true, choices: [1] },
    ])
    await score(world, sessionId, 1, [
      { playerId: ada.playerId, points: 0, elapsedMs: 1, correct: false, choices: [0] },
    ])
    await score(world, sessionId, 2, [
      { playerId: ada.playerId, points: 990, elapsedMs: 300, correct: true, choices: [], text: 'X' },
    ])
    return { sessionId, ada, bob }
  }

  await t.test('own results hold only what was revealed, and count nothing else', async (t) => {
    const { sessionId, ada, bob } = await played('First')
    t.same((await own(sessionId, ada.token)).questions, [])
    const open = { status: 'question_open', index: 2, opensAt: 1, closesAt: 2, elapsedBeforeMs: 0 }
    await reveal(sessionId, 2, open)
    // While a question is open the state shows no reveal.
    await pool.query(`UPDATE sessions SET state = state || '{"revealed": null}' WHERE id = $1`, [sessionId])
    const before = await own(sessionId, ada.token)
    t.match(before, { nickname: 'ada', rank: 2, score: 0, correctAnswers: 0 }, 'the open question does not count')
    t.same(
      before.questions.map(({ question, correct, answer }) => [
        question?.prompt,
        correct && toJson(ValueSchema, correct),
        answer && [answer.choices, answer.credit, answer.points],
      ]),
      [
        ['One', 1, [[2], 0, 0]],
        ['Like it?', undefined, [[0], 0, 0]],
      ],
    )
    t.equal(before.questions[0]?.explanation, 'Because.')
    await reveal(sessionId, 3, finished)
    const after = await own(sessionId, ada.token)
    t.match(after, { rank: 1, score: 990, correctAnswers: 1 })
    t.match(after.questions[2], { answer: { text: 'X', credit: 1, elapsedMs: 300 } })
    const other = await own(sessionId, bob.token)
    t.match(other, { rank: 2, score: 800 })
    t.equal(other.questions[2]?.answer, undefined, 'an answer that was not given')
    const { sessionId: elsewhere } = await client.open(1)
    t.equal(await codeOf(own(elsewhere, ada.token)), 'not-found')
    t.equal(await codeOf(own(sessionId, await issuer.token({ sub: 'ada', name: 'ada' }))), 'unauthorized')
  })

  await t.test('the history has finished sessions with the final place, newest first, in pages', async (t) => {
    const { history } = await as('ada')
    const { sessionId } = await played('Second')
    t.same(
      (await history()).items.map(({ title }) => title),
      ['First'],
      'not while it runs',
    )
    await reveal(sessionId, 3, finished)
    const { items } = await history()
    t.match(items, [
      { title: 'Second', rank: 1, score: 990, correctAnswers: 1, questionCount: 3, playerCount: 2 },
      { title: 'First', rank: 1, score: 990 },
    ])
    const first = await history({ limit: 1 })
    const second = await history({ limit: 1, cursor: first.nextCursor })
    t.same(
      [...first.items, ...second.items].map(({ title }) => title),
      ['Second', 'First'],
    )
    t.equal(second.nextCursor, undefined)
    t.match((await (await as('bob')).history({ limit: 1 })).items, [{ rank: 2, score: 800 }])
    t.same((await (await as('stranger')).history()).items, [])
    t.equal(await codeOf(history({ cursor: 'x' })), 'malformed')
  })

  await t.test('a place is written anew when an answer was scored late', async (t) => {
    const { sessionId, bob } = await played('Late')
    await reveal(sessionId, 3, finished)
    const { history } = await as('bob')
    t.match((await history({ limit: 1 })).items, [{ rank: 2, score: 800 }])
    await score(world, sessionId, 2, [
      { playerId: bob.playerId, points: 900, elapsedMs: 300, correct: true, choices: [], text: 'x' },
    ])
    t.match((await history({ limit: 1 })).items, [{ rank: 1, score: 1_700 }])
  })

  await t.test('mistakes are answers to questions with a right one, by tag, in pages', async (t) => {
    const { mistakes } = await as('ada')
    const all = (await mistakes()).items
    t.same(
      all.map(({ title, reviewed }) => [title, reviewed?.question?.prompt]),
      [
        ['Late', 'One'],
        ['Second', 'One'],
        ['First', 'One'],
      ],
    )
    t.match(all[0], { tags: ['verbs'], reviewed: { explanation: 'Because.', answer: { choices: [2], credit: 0 } } })
    const page = await mistakes({ limit: 2 })
    t.same(
      (await mistakes({ limit: 2, cursor: page.nextCursor })).items.map(({ title }) => title),
      ['First'],
    )
    t.equal((await mistakes({ tag: 'verbs' })).items.length, 3)
    t.equal((await mistakes({ tag: 'nouns' })).items.length, 0)
    t.same((await (await as('bob')).mistakes()).items, [])
  })

  await t.test('everything is gone with the person', async (t) => {
    // What services/session/erase.ts leaves of a player.
    await pool.query(`UPDATE players SET user_id = NULL, nickname = '' WHERE user_id = 'ada'`)
    const { history, mistakes } = await as('ada')
    t.same((await history()).items, [])
    t.same((await mistakes()).items, [])
  })

  await t.test('results that cannot be read yet keep no player who joins waiting', async (t) => {
    const { sessionId, ada } = await played('Held up')
    await reveal(sessionId, 3, finished)
    const { sessionId: lobby } = await client.open(1)
    const lock = await pool.connect()
    await lock.query('BEGIN')
    await lock.query('LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE')
    const reading = Promise.all(Array.from({ length: 12 }, () => own(sessionId, ada.token)))
    await eventually(async () => {
      const { rows } = await pool.query(
        `SELECT 1 FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'results' AND wait_event_type = 'Lock'`,
      )
      return rows.length === 2
    })
    t.ok(await client.join(lobby, 'eve'))
    await lock.query('COMMIT')
    lock.release()
    t.equal((await reading).length, 12)
  })
})
