import pg from 'pg'

/**
 * SQL that fills an empty database with quizzes, sessions and what was played in them: `$1` sessions, each of a quiz of its own with
 * one question, of a hundred hosts, with one player, who is among as many users as there are sessions by fifty.
 */
const id = (kind: string, number: string): string =>
  `('01990000-0000-7000-8${kind}00-' || lpad(to_hex(${number}), 12, '0'))::uuid`

const AT = `timestamptz '2026-01-01Z' + n * interval '1 second'`

const ROWS: readonly string[] = [
  `INSERT INTO quizzes (id, host_id, title, tags, created_at, updated_at, question_count, search_text)
   SELECT ${id('0', 'n')}, 'host ' || n % 100, 'Quiz ' || n, ARRAY['tag ' || n % 7], ${AT}, ${AT}, 1, 'quiz ' || n
     FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO questions (id, quiz_id, position, kind, prompt, options, correct, tags)
   SELECT ${id('1', 'n')}, ${id('0', 'n')}, 0, 'single_choice', 'Question ' || n, '{a,b}', '0', ARRAY['tag ' || n % 5]
     FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO sessions (id, quiz_id, host_id, title, join_code, state, status, epoch, settings, seed, question_count,
     player_count, created_at, finished_at, ranked_answers, ranked_players)
   SELECT ${id('2', 'n')}, ${id('0', 'n')}, 'host ' || n % 100, 'Quiz ' || n, 'C' || n, '{}', 'finished', 1, '{}', 1, 1, 1,
          ${AT}, ${AT}, 1, 1
     FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO session_questions (session_id, index, question_id, kind, option_order, key, points, time_limit_ms)
   SELECT ${id('2', 'n')}, 0, ${id('1', 'n')}, 'single_choice', '{0,1}', '{"options": [0]}', 1000, 20000
     FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO players (id, session_id, user_id, nickname, nickname_key, join_order)
   SELECT ${id('3', 'n')}, ${id('2', 'n')}, 'user ' || n % greatest(1, $1::int / 50), 'P', 'p', 1
     FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO ledger (session_id, join_order, question_index, answer_id, answer, credit, timing, points, received_low_ms)
   SELECT ${id('2', 'n')}, 1, 0, uuid_send(${id('2', 'n')}), '1', CASE WHEN n % 3 = 0 THEN 128 ELSE 129 END, 1, 0, 0
     FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO question_progress (session_id, question_index, answer_count, question_id, points_possible, time_limit_ms, rule,
     rule_version, first_received_at)
   SELECT ${id('2', 'n')}, 0, 1, ${id('1', 'n')}, 1000, 20000, 'speed', 1, ${AT} FROM generate_series(1, $1::int) AS n`,
  `INSERT INTO final_standings (session_id, join_order, rank, score, correct_answers)
   SELECT ${id('2', 'n')}, 1, 1, 0, 0 FROM generate_series(1, $1::int) AS n`,
]

/** As a superuser: foreign keys are not looked up for each of the rows, so that all tables can be filled at once. */
export const fillLibrary = async (databaseUrl: string, sessions: number): Promise<void> => {
  const options = '-c statement_timeout=0 -c session_replication_role=replica -c synchronous_commit=off'
  const pool = new pg.Pool({ connectionString: databaseUrl, options, max: ROWS.length })
  try {
    await Promise.all(ROWS.map((statement) => pool.query(statement, [sessions])))
    await pool.query('ANALYZE')
  } finally {
    await pool.end()
  }
}
