import type { AnswerContent } from './documents.ts'
import { clientProblem } from './problem.ts'
import { isTraceparent } from './trace.ts'
import { within } from './waiting.ts'

/**
 * Where answers wait until the server has said what became of them; give the client one that outlives the app, such as
 * React Native's AsyncStorage, a browser's localStorage or IndexedDB. One key per player with a short text as its value;
 * the key is deleted when nothing waits. Calls for one key come one after the other.
 */
export interface AnswerStore {
  get(key: string): Promise<string | null | undefined>
  put(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
}

/** Forgets everything when the app ends. */
export const memoryStore = (): AnswerStore => {
  const values = new Map<string, string>()
  return {
    get: async (key) => values.get(key),
    put: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  }
}

/** Answers of one player that may wait at once. */
export const MAX_PENDING = 100

/** How long (ms) an answer is kept; after it even a stored one is not worth asking for. */
const KEEP_MS = 10 * 60_000

/** Longest wait (ms) for the store before an answer is sent; time counts in a quiz. */
const STORE_MS = 300

/** An answer whose outcome is not known. */
export interface PendingAnswer {
  readonly answerId: string
  readonly questionId: string
  readonly content: AnswerContent
  /** Milliseconds since the epoch, by this device. */
  readonly madeAt: number
  /** The app's trace, the same in every attempt. */
  readonly traceparent?: string
}

/** The answers of one player that the server has not decided yet, also those of earlier runs of the app. */
export interface Outbox {
  /**
   * Keeps an answer before it is sent; waits for the store, but not for long.
   * @throws PodiumProblem `client-outbox-full`
   */
  add(answer: PendingAnswer): Promise<void>
  /** The server has decided, or the answer was given up. Never rejects. */
  remove(answerIds: readonly string[]): Promise<void>
  /** Everything that waits, oldest first, without what is too old. Waits for the store so long. Never rejects. */
  pending(storeMs: number): Promise<readonly PendingAnswer[]>
}

export interface OutboxOptions {
  readonly store: AnswerStore
  readonly key: string
  /** A failing store costs nothing but the memory of it: answers continue without. */
  readonly onError: (error: unknown) => void
}

export const createOutbox = ({ store, key, onError }: OutboxOptions): Outbox => {
  const answers = new Map<string, PendingAnswer>()
  let work: Promise<void> = Promise.resolve()
  let isLoaded = false

  const isFresh = ({ madeAt }: PendingAnswer): boolean => Math.abs(Date.now() - madeAt) < KEEP_MS

  const load = async (): Promise<void> => {
    if (isLoaded) return
    const found = parse(await store.get(key))
    isLoaded = true
    const mine = [...answers.values()]
    answers.clear()
    for (const answer of [...found.filter(isFresh), ...mine].slice(-MAX_PENDING)) answers.set(answer.answerId, answer)
  }

  /** One after the other, so that an older list never overwrites a newer one. */
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    work = work.then(task).catch(onError)
    return work
  }

  const save = (): Promise<void> =>
    inTurn(async () => {
      await load()
      if (answers.size === 0) await store.delete(key)
      else await store.put(key, JSON.stringify([...answers.values()]))
    })

  return {
    add: async (answer) => {
      if (answers.has(answer.answerId)) return
      if (answers.size >= MAX_PENDING) throw clientProblem('client-outbox-full', `${MAX_PENDING} answers wait`)
      answers.set(answer.answerId, answer)
      await within(save(), STORE_MS)
    },
    remove: async (answerIds) => {
      const before = answers.size
      for (const answerId of answerIds) answers.delete(answerId)
      if (answers.size < before) await save()
    },
    pending: async (storeMs) => {
      await within(inTurn(load), storeMs)
      const old = [...answers.values()].filter((answer) => !isFresh(answer))
      for (const { answerId } of old) answers.delete(answerId)
      if (old.length > 0) await save()
      return [...answers.values()]
    },
  }
}

/** What was stored by another version, or was damaged, counts as nothing. */
const parse = (text: string | null | undefined): PendingAnswer[] => {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list.filter(isPending) : []
  } catch {
    return []
  }
}

const isPending = (value: unknown): value is PendingAnswer => {
  if (typeof value !== 'object' || value === null) return false
  const { answerId, questionId, content, madeAt, traceparent } = value as Record<string, unknown>
  const hasContent = typeof content === 'object' && content !== null
  if (traceparent !== undefined && !isTraceparent(traceparent)) return false
  return typeof answerId === 'string' && typeof questionId === 'string' && hasContent && typeof madeAt === 'number'
}
