import { create, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { ResultsResultSchema } from '#gen/command_pb'
import { createClient } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

const PLAYERS = 1_000
const QUESTIONS = 5
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
SELECT session_id, join_order, 5, 0, 0, 0, B'11111', B'00000', 'speed', 1, false FROM players WHERE session_id = $1`

const INSERT_ANSWERS = `
INSERT INTO ledger (session_id, join_order, question_index, answer_id, answer, credit, elapsed_ms, points, received_low_ms)
SELECT q.session_id, p.join_order, q.index, uuid_send(p.id), '=' || $2, 128, 1, 0, 0
FROM session_questions AS q JOIN players AS p ON p.session_id = q.session_id WHERE q.session_id = $1`

/** Answers to questions that were not closed are not shown. */
const PLAY_TO_THE_END = `
UPDATE sessions SET state = state || jsonb_build_object('phase', '{"status": "finished", "at": 0}'::jsonb, 'revealed',
  jsonb_build_object('index', question_count - 1, 'tally', '{"answerCount": 0, "optionCounts": [], "textCounts": []}'::jsonb))
WHERE id = $1`

t.test('results that are larger than a message come in pages, whole', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)
  const typed = { kind: 'fill_blank', prompt: 'Which bird?', correct: ['owl'] }
  const { sessionId } = await client.open(Array.from({ length: QUESTIONS }, () => typed))
  await world.pool.query(INSERT_PLAYERS, [sessionId, PLAYERS])
  await world.pool.query(INSERT_TOTALS, [sessionId])
  await world.pool.query(INSERT_ANSWERS, [sessionId, TEXT])
  await world.pool.query(PLAY_TO_THE_END, [sessionId])

  const pages = [await client.results(sessionId)]
  for (let next = pages[0]?.nextOffset; next !== undefined; next = pages.at(-1)?.nextOffset) {
    pages.push(await client.results(sessionId, next))
  }
  const bytes = pages.map((page) => toBinary(ResultsResultSchema, create(ResultsResultSchema, page)).length)
  t.ok(bytes.length > 1 && bytes.every((size) => size < MAX_PAYLOAD), bytes.join(', '))
  const players = pages.flatMap((page) => page.players)
  t.equal(new Set(players.map(({ playerId }) => playerId)).size, PLAYERS)
  t.equal(players.length, PLAYERS)
  t.ok(players.every(({ answers }) => answers.length === QUESTIONS && answers.every(({ text }) => text === TEXT)))
  t.same(
    pages[0]?.questions.map(({ reveal }) => reveal?.answerCount),
    Array.from({ length: QUESTIONS }, () => PLAYERS),
  )
})
