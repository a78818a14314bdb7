import { type AnswerSource, connectAnswers } from './answer-stream.ts'
import { connectRecords, type RecordSource } from './postgres-records.ts'
import { type BoardSource, connectBoards } from './redis-board.ts'

export interface SourceOptions {
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Without it the stream of accepted answers is left out. */
  readonly natsUrl?: string | undefined
  /** Sessions that are read at a time. Default 1. */
  readonly parallel?: number
  /** The edge and a token of the session's host; without it the edge is left out. */
  readonly edge?: { readonly url: string; readonly token: string } | undefined
}

/** Open connections to everything that is compared. */
export interface Sources {
  readonly records: RecordSource
  readonly boards: BoardSource
  readonly answers: AnswerSource | undefined
  readonly edge: SourceOptions['edge']
  close(): Promise<void>
}

/** @throws when one of them cannot be reached; none stays open then */
export const openSources = async (options: SourceOptions): Promise<Sources> => {
  const { databaseUrl, redisUrl, natsUrl, edge, parallel = 1 } = options
  const opened: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne()
  }
  try {
    const records = await connectRecords(databaseUrl, { connections: parallel })
    opened.push(records.close)
    const boards = await connectBoards(redisUrl)
    opened.push(boards.close)
    const answers = natsUrl === undefined ? undefined : await connectAnswers(natsUrl)
    if (answers !== undefined) opened.push(answers.close)
    return { records, boards, answers, edge, close }
  } catch (error) {
    await close()
    throw error
  }
}
