/** Services that use Postgres. Each has the role `podium_<name>`. */
export const databaseUsers = ['session', 'evaluator', 'scorer', 'leaderboard', 'worker', 'verify'] as const
export type DatabaseUser = (typeof databaseUsers)[number]

export const roleOf = (user: DatabaseUser): string => `podium_${user}`

type Grants = Readonly<Record<string, readonly string[]>>

/** What a role may do with which table, some of it with certain columns only. Everything else is refused. */
export const databaseGrants: Readonly<Record<DatabaseUser, Grants>> = {
  // A question does not change once it exists, nor do those of a session; only the scorer writes scores.
  session: {
    quizzes: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    questions: ['SELECT', 'INSERT', 'DELETE'],
    sessions: ['SELECT', 'INSERT', 'UPDATE'],
    session_questions: ['SELECT', 'INSERT'],
    players: ['SELECT', 'INSERT', 'UPDATE'],
    outbox: ['SELECT', 'INSERT', 'DELETE'],
    idempotency: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    ledger: ['SELECT'],
    totals: ['SELECT'],
    question_progress: ['SELECT'],
    'SEQUENCE outbox_id_seq': ['SELECT', 'UPDATE'],
    postgres_history: ['SELECT', 'INSERT', 'UPDATE'],
    final_standings: ['SELECT', 'INSERT', 'UPDATE'],
    'FUNCTION make_ledger_partitions': ['EXECUTE'],
    'FUNCTION erase_typed_answers': ['EXECUTE'],
  },
  evaluator: {
    sessions: ['SELECT (id, settings, scoring_version, text_version, unscored)'],
    session_questions: ['SELECT'],
  },
  // The ledger is append-only, also for its writer.
  scorer: {
    ledger: ['SELECT', 'INSERT'],
    totals: ['SELECT', 'INSERT', 'UPDATE'],
    question_progress: ['SELECT', 'INSERT', 'UPDATE'],
  },
  // Without nicknames: a board holds ids.
  leaderboard: {
    sessions: ['SELECT (id, finished_at, unscored)'],
    players: ['SELECT (id, session_id, join_order, status)'],
    totals: ['SELECT'],
    boards: ['SELECT', 'INSERT', 'UPDATE (epoch)'],
  },
  // The three of them in one process.
  worker: {
    sessions: ['SELECT (id, settings, scoring_version, text_version, unscored, finished_at)'],
    session_questions: ['SELECT'],
    players: ['SELECT (id, session_id, join_order, status)'],
    ledger: ['SELECT', 'INSERT'],
    totals: ['SELECT', 'INSERT', 'UPDATE'],
    question_progress: ['SELECT', 'INSERT', 'UPDATE'],
    boards: ['SELECT', 'INSERT', 'UPDATE (epoch)'],
  },
  verify: Object.fromEntries(
    ['sessions', 'session_questions', 'players', 'ledger', 'totals', 'question_progress', 'boards'].map((table) => [
      table,
      ['SELECT'],
    ]),
  ),
}

/** SQL that makes the roles, none of which can log in by itself, and gives them exactly these grants. Safe to repeat. */
export const rolesStatements = (): string =>
  [
    ...databaseUsers.flatMap((user) => roleStatements(roleOf(user), databaseGrants[user])),
    inThisDatabase('REVOKE ALL ON DATABASE %1$I FROM PUBLIC'),
    ...databaseUsers.map((user) => inThisDatabase(`GRANT CONNECT ON DATABASE %1$I TO ${roleOf(user)}`)),
    'REVOKE ALL ON SCHEMA public FROM PUBLIC;',
  ].join('\n')

const roleStatements = (role: string, grants: Grants): readonly string[] => [
  // There is no CREATE ROLE IF NOT EXISTS; roles belong to the whole server, so another database may have made them.
  `DO $$ BEGIN CREATE ROLE ${role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;`,
  `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role};`,
  `GRANT USAGE ON SCHEMA public TO ${role};`,
  ...Object.entries(grants).map(([table, privileges]) => `GRANT ${privileges.join(', ')} ON ${table} TO ${role};`),
]

const inThisDatabase = (statement: string): string =>
  `DO $$ BEGIN EXECUTE format('${statement}', current_database()); END $$;`
