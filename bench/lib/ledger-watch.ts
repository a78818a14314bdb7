import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export interface LedgerWatch {
  /** Resolves when so many answers are in the ledger in all. @throws after `timeoutMs` */
  reaches(answers: number, timeoutMs?: number): Promise<void>
  close(): Promise<void>
}

const INTERVAL_MS = 20

export const watchLedger = async (databaseUrl: string): Promise<LedgerWatch> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const count = async (): Promise<number> => {
    const { rows } = await client.query('SELECT coalesce(sum(answer_count), 0)::int AS answers FROM question_progress')
    return rows[0]?.answers
  }
  return {
    reaches: async (answers, timeoutMs = 30_000) => {
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const there = await count()
        if (there >= answers) return
        if (performance.now() > deadline) throw new Error(`${there} of ${answers} accepted answers are in the ledger`)
        await sleep(INTERVAL_MS)
      }
    },
    close: () => client.end(),
  }
}
