import { create, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { ResultsResultSchema } from '#gen/command_pb'
import { createClient } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

/** What NATS carries in one message. */
const MAX_PAYLOAD = 8 * 1024 * 1024
/** As long as a typed answer may be; four bytes a character in UTF-8. */
const TEXT = '🦉'.repeat(500)

const INSERT_PLAYERS = `
INSERT INTO players (id, session_id, nickname, nickname_key, join_order)
SELECT gen_random_uuid(), $1, 'Player ' || place, 'player ' || place, place FROM generate_series(1, $2::int) AS place`

const INSERT_TOTALS = `
INSERT INTO totals (session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
  rule_version, streak_bonus)
SELECT session_id, join_order, $2, 0, 0, 0, repeat('1', $2)::varbit, repeat('0', $2)::varbit, 'speed', 1, false
FROM players WHERE session_id = $1`

const INSERT_ANSWERS = `
INSERT INTO ledger (session_id, join_order, question_index, answer_id, answer, credit, timing, points, received_low_ms)
SELECT q.session_id, p.join_order, q.index, uuid_send(p.id), '=' || $2 || CASE WHEN $3 THEN p.join_order::text ELSE '' END, 128, 1, 0, 0
FROM session_questions AS q JOIN players AS p ON p.session_id = q.session_id WHERE q.session_id = $1`

/** Answers to questions that were not closed are not shown. */
const PLAY_TO_THE_END = `
UPDATE sessions SET state = state || jsonb_build_object('phase', '{"status": "finished", "at": 0}'::jsonb, 'revealed',
  jsonb_build_object('index', question_count - 1, 'tally', '{"answerCount": 0, "optionCounts": [], "textCounts": []}'::jsonb))
WHERE id = $1`

t.test('results that are larger than a message', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)

  /** A session that has been played: each player has typed the same text, or one of the own, into each of the questions. */
  const play = async (players: number, questions: number, text: string, isOwn: boolean): Promise<string> => {
    const typed = { kind: 'fill_blank', prompt: 'Which bird?', correct: ['owl'] }
    const { sessionId } = await client.open(Array.from({ length: questions }, () => typed))
    await world.pool.query(INSERT_PLAYERS, [sessionId, players])
    await world.pool.query(INSERT_TOTALS, [sessionId, questions])
    await world.pool.query(INSERT_ANSWERS, [sessionId, text, isOwn])
    await world.pool.query(PLAY_TO_THE_END, [sessionId])
    return sessionId
  }
  const sizeOf = (page: Awaited<ReturnType<typeof client.results>>): number =>
    toBinary(ResultsResultSchema, create(ResultsResultSchema, page)).length

  await t.test('come in pages, whole', async (t) => {
    const [players, questions] = [1_000, 5]
    const sessionId = await play(players, questions, TEXT, false)
    const pages = [await client.results(sessionId)]
    for (let next = pages[0]?.nextOffset; next !== undefined; next = pages.at(-1)?.nextOffset) {
      pages.push(await client.results(sessionId, next))
    }
    const bytes = pages.map(sizeOf)
    t.ok(bytes.length > 1 && bytes.every((size) => size < MAX_PAYLOAD), bytes.join(', '))
    const all = pages.flatMap((page) => page.players)
    t.equal(new Set(all.map(({ playerId }) => playerId)).size, players)
    t.equal(all.length, players)
    t.ok(all.every(({ answers }) => answers.length === questions && answers.every(({ text }) => text === TEXT)))
    t.same(
      pages[0]?.questions.map(({ reveal }) => [reveal?.answerCount, reveal?.textCounts[0]?.text]),
      Array.from({ length: questions }, () => [players, TEXT]),
    )
  })

  await t.test('have few of the most frequent texts of many questions', async (t) => {
    const [players, questions] = [10, 1_000]
    const page = await client.results(await play(players, questions, TEXT.slice(4), true))
    t.ok(sizeOf(page) < MAX_PAYLOAD, `${sizeOf(page)} bytes`)
    t.equal(page.questions.length, questions)
    t.ok(page.questions.every(({ reveal }) => reveal?.answerCount === players))
    t.ok(page.questions.every(({ reveal }) => reveal?.textCounts.length === 1 && reveal.textCounts[0]?.count === 1))
    t.match(page.questions[0]?.reveal?.textCounts[0]?.text, /^🦉{100,}…$/u)
  })
})
