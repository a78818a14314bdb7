import { setTimeout as sleep } from 'node:timers/promises'
import { newAnswerId } from '#client'
import { forEachOf } from '../lib/processes.ts'
import { createLatencies, monotonicMs } from '../lib/statistics.ts'
import { clientFrame, openRawStream, type RawStream, type RawStreamOptions } from '../lib/streams.ts'
import { type FeedName, feeds } from '../workloads/feeds.ts'

/**
 * Players who stay connected, answer over their WebSocket and show the board. A process holds thousands of them, and whole
 * sessions. Of the sessions that are watched every message is read; of the others only what kind it is.
 */

export interface PhoneOrder {
  readonly path: string
  readonly token: string
  /** Its session: a number that is unique among all processes of the generator. */
  readonly session: number
}

export type PhonesOrder =
  | {
      readonly kind: 'connect'
      readonly port: number
      readonly feed: FeedName
      readonly phones: readonly PhoneOrder[]
      readonly watched: readonly number[]
    }
  /** Bytes and CPU count from here on. */
  | { readonly kind: 'begin' }
  /** All players of the session answer within `withinMs` after `at` (`monotonicMs`). Has no answer. */
  | {
      readonly kind: 'open'
      readonly session: number
      readonly questionId: string
      readonly choice: number
      readonly at: number
      readonly withinMs: number
    }
  /** Answers that were due before `until`; latencies of those only that were due from `from` to `to`. They are forgotten then. */
  | { readonly kind: 'report'; readonly from: number; readonly to: number; readonly until: number }
  | { readonly kind: 'close' }

export interface PhonesReport {
  readonly sent: number
  readonly accepted: number
  /** Accepted answers whose score the player has been told. */
  readonly scored: number
  readonly refused: Readonly<Record<string, number>>
  /** Encoded histograms. `visible`: until a board with it was on another client. */
  readonly latencies: Readonly<Record<'accepted' | 'own' | 'visible' | 'lag', string>>
  /** Answers of watched sessions with which no other client's board changed. */
  readonly unnoticed: number
  /** Longest time in which no score came to any player while one was due, milliseconds. */
  readonly standstillMs: number
  readonly frames: number
  readonly bytes: number
  readonly backwards: number
  readonly closed: number
  readonly cpuMicros: number
}

interface Answer {
  readonly phone: Phone
  readonly intendedAt: number
  sentAt: number
  acceptedAt: number
  scoredAt: number
  /** Of the first board on the player's own stream that has it. */
  version: number
  refusal: string | undefined
}

interface Phone {
  readonly session: Session
  stream: RawStream | undefined
  /** The answer under way. */
  answer: Answer | undefined
  score: number
  scoreOnBoard: number
  /** Of boards that have the score told last; where scores are told with it. */
  awaited: number
  version: number
  rest: Buffer
}

interface Session {
  readonly phones: Phone[]
  readonly isWatched: boolean
  /** Boards by version: who got it when. */
  readonly boards: Map<number, { readonly phone: Phone; readonly at: number }[]>
}

/** Fewer than a server's queue of connections that it has not accepted yet. */
const PARALLEL = 50
const CONNECT_ATTEMPTS = 5
/** How much of a message says what kind it is. */
const KIND_BYTES = 28

const sessions = new Map<number, Session>()
/** Due answers by whole milliseconds. */
const due = new Map<number, (() => void)[]>()
let nextDue = Math.floor(monotonicMs())
let answers: Answer[] = []
/** Accepted and not yet scored, oldest first. */
let unscored: Answer[] = []
let [frames, bytes, backwards, closed, standstillMs, lastScoreAt] = [0, 0, 0, 0, 0, 0]
let cpuBefore = process.cpuUsage()
let feed: FeedName = 'podium'

const write = (phone: Phone, text: string): void => {
  if (phone.stream?.socket.writable === true) phone.stream.socket.write(clientFrame(text))
}

const accept = ({ answer }: Phone, refusal?: string): void => {
  if (answer === undefined || !Number.isNaN(answer.acceptedAt)) return
  if (refusal !== undefined) {
    answer.refusal = refusal
    return
  }
  answer.acceptedAt = monotonicMs()
  // The score may be first.
  if (Number.isNaN(answer.scoredAt)) unscored.push(answer)
}

const scored = ({ answer }: Phone): void => {
  if (answer === undefined || !Number.isNaN(answer.scoredAt)) return
  const now = monotonicMs()
  answer.scoredAt = now
  const oldest = unscored[0]
  if (oldest !== undefined) standstillMs = Math.max(standstillMs, now - Math.max(oldest.acceptedAt, lastScoreAt))
  lastScoreAt = now
  let settled = 0
  while (settled < unscored.length && !Number.isNaN(unscored[settled]?.scoredAt)) settled += 1
  if (settled > 0) unscored.splice(0, settled)
}

const onBoard = (phone: Phone, version: number, score: number | undefined): void => {
  const { session, answer } = phone
  if (version < phone.version) backwards += 1
  phone.version = version
  const entries = session.boards.get(version)
  const entry = { phone, at: monotonicMs() }
  if (entries === undefined) session.boards.set(version, [entry])
  else entries.push(entry)
  const isShown = score === undefined ? version >= phone.awaited : score > phone.scoreOnBoard
  if (score !== undefined) phone.scoreOnBoard = Math.max(phone.scoreOnBoard, score)
  else if (isShown) phone.awaited = Number.POSITIVE_INFINITY
  if (isShown && answer !== undefined && Number.isNaN(answer.version)) answer.version = version
}

/** Of a watched session. */
const readWhole = (phone: Phone, text: string): void => {
  const news = feeds[feed].read(text)
  if (news === undefined || typeof news === 'string') return
  if (news.kind === 'own') {
    if (news.version !== undefined) phone.awaited = news.version
    return
  }
  if (news.version !== undefined) onBoard(phone, news.version, news.score)
}

const onPodium = (phone: Phone, kind: string, whole: () => string): void => {
  if (kind.startsWith('{"type":"answer.accepted"')) accept(phone)
  else if (kind.startsWith('{"type":"error"')) accept(phone, /"code":"([^"]*)"/.exec(whole())?.[1] ?? 'error')
  else if (kind.startsWith('{"type":"score.updated"')) scored(phone)
  else if (phone.session.isWatched && kind.startsWith('{"type":"leaderboard.')) readWhole(phone, whole())
}

const onSocketIo = (phone: Phone, kind: string, whole: () => string): void => {
  if (kind === '2') write(phone, '3')
  else if (kind.startsWith('431[')) accept(phone, kind.startsWith('431[202') ? undefined : whole())
  else if (kind.startsWith('42["score"')) {
    scored(phone)
    if (phone.session.isWatched) readWhole(phone, whole())
  } else if (phone.session.isWatched && kind.startsWith('42["leaderboard"')) readWhole(phone, whole())
}

const onChunk = (phone: Phone, chunk: Buffer): void => {
  bytes += chunk.length
  const buffer = phone.rest.length === 0 ? chunk : Buffer.concat([phone.rest, chunk])
  let at = 0
  while (buffer.length - at >= 2) {
    const short = buffer.readUInt8(at + 1)
    const header = short === 126 ? 4 : short === 127 ? 10 : 2
    if (buffer.length - at < header) break
    const length =
      short === 126 ? buffer.readUInt16BE(at + 2) : short === 127 ? Number(buffer.readBigUInt64BE(at + 2)) : short
    const [start, end] = [at + header, at + header + length]
    if (end > buffer.length) break
    if ((buffer.readUInt8(at) & 0x0f) === 1) {
      frames += 1
      const kind = buffer.toString('latin1', start, Math.min(end, start + KIND_BYTES))
      const whole = (): string => buffer.toString('utf8', start, end)
      if (feed === 'podium') onPodium(phone, kind, whole)
      else onSocketIo(phone, kind, whole)
    }
    at = end
  }
  phone.rest = at === buffer.length ? NOTHING : Buffer.from(buffer.subarray(at)) // the memory of `chunk` is used again
}

const NOTHING = Buffer.alloc(0)

/** Tries again when a busy server resets the connection: how fast players connect is not what is measured. */
const openPatiently = async (options: RawStreamOptions, attempt = 1): Promise<RawStream> => {
  try {
    return await openRawStream(options)
  } catch (error) {
    if (attempt === CONNECT_ATTEMPTS) throw error
    await sleep(200 * attempt)
    return openPatiently(options, attempt + 1)
  }
}

const connect = async (order: Extract<PhonesOrder, { kind: 'connect' }>): Promise<void> => {
  feed = order.feed
  const watched = new Set(order.watched)
  const { hello } = feeds[feed]
  await forEachOf(order.phones, PARALLEL, async ({ path, token, session: number }) => {
    let session = sessions.get(number)
    if (session === undefined) {
      session = { phones: [], isWatched: watched.has(number), boards: new Map() }
      sessions.set(number, session)
    }
    const phone: Phone = {
      session,
      stream: undefined,
      answer: undefined,
      score: 0,
      scoreOnBoard: 0,
      awaited: Number.POSITIVE_INFINITY,
      version: 0,
      rest: NOTHING,
    }
    session.phones.push(phone)
    const onData = (chunk: Buffer): void => onChunk(phone, chunk)
    phone.stream = await openPatiently({ port: order.port, protocol: 'ws', path, token, onData })
    phone.stream.socket.once('close', () => {
      if (sessions.get(number) === session) closed += 1
    })
    if (hello !== undefined) write(phone, hello(token))
  })
}

const open = ({ session, questionId, choice, at, withinMs }: Extract<PhonesOrder, { kind: 'open' }>): void => {
  for (const phone of sessions.get(session)?.phones ?? []) {
    const intendedAt = Math.ceil(at + Math.random() * withinMs)
    const send = (): void => {
      const answer: Answer = {
        phone,
        intendedAt,
        sentAt: monotonicMs(),
        acceptedAt: Number.NaN,
        scoredAt: Number.NaN,
        version: Number.NaN,
        refusal: undefined,
      }
      answers.push(answer)
      phone.answer = answer
      const data = `{"answerId":"${newAnswerId()}","questionId":"${questionId}","choice":${choice}}`
      write(phone, feed === 'podium' ? `{"type":"answer","ref":1,"data":${data}}` : `421["answer",${data}]`)
    }
    // The order may have come when it was time already.
    const place = Math.max(intendedAt, nextDue)
    const list = due.get(place)
    if (list === undefined) due.set(place, [send])
    else list.push(send)
  }
}

const sendDue = (): void => {
  for (const now = monotonicMs(); nextDue <= now; nextDue++) {
    const list = due.get(nextDue)
    if (list === undefined) continue
    due.delete(nextDue)
    for (const send of list) send()
  }
}

/** Until the board that the player got with it was on another client, any one of those that got it. */
const seenAt = ({ phone, version }: Answer): number | undefined => {
  const others = (phone.session.boards.get(version) ?? []).filter((entry) => entry.phone !== phone)
  return others[Math.floor(Math.random() * others.length)]?.at
}

const report = ({ from, to, until }: Extract<PhonesOrder, { kind: 'report' }>): PhonesReport => {
  const [accepted, own, visible, lag] = [createLatencies(), createLatencies(), createLatencies(), createLatencies()]
  const refused: Record<string, number> = {}
  let [sent, acceptedCount, scoredCount, unnoticed] = [0, 0, 0, 0]
  for (const answer of answers) {
    const { phone, intendedAt } = answer
    if (intendedAt >= until) continue
    sent += 1
    const isAccepted = !Number.isNaN(answer.acceptedAt)
    if (isAccepted) acceptedCount += 1
    else refused[answer.refusal ?? 'none'] = (refused[answer.refusal ?? 'none'] ?? 0) + 1
    if (isAccepted && !Number.isNaN(answer.scoredAt)) scoredCount += 1
    if (intendedAt < from || intendedAt > to) continue
    lag.record(answer.sentAt - intendedAt)
    if (!isAccepted) continue
    accepted.record(answer.acceptedAt - intendedAt)
    if (!Number.isNaN(answer.scoredAt)) own.record(answer.scoredAt - intendedAt)
    if (!phone.session.isWatched || Number.isNaN(answer.version)) continue
    const at = seenAt(answer)
    if (at === undefined) unnoticed += 1
    else visible.record(at - intendedAt)
  }
  answers = answers.filter(({ intendedAt }) => intendedAt >= until)
  if (answers.length === 0) for (const session of sessions.values()) session.boards.clear()
  const { user, system } = process.cpuUsage(cpuBefore)
  const latencies = { accepted, own, visible, lag }
  const encoded = Object.entries(latencies).map(([name, histogram]) => [name, histogram.encode()])
  return {
    sent,
    accepted: acceptedCount,
    scored: scoredCount,
    refused,
    latencies: Object.fromEntries(encoded) as PhonesReport['latencies'],
    unnoticed,
    standstillMs,
    frames,
    bytes,
    backwards,
    closed,
    cpuMicros: user + system,
  }
}

const begin = (): void => {
  ;[frames, bytes, standstillMs] = [0, 0, 0]
  cpuBefore = process.cpuUsage()
  lastScoreAt = monotonicMs()
}

const close = (): void => {
  const all = [...sessions.values()].flatMap(({ phones }) => phones)
  sessions.clear()
  due.clear()
  answers = []
  unscored = []
  ;[backwards, closed] = [0, 0]
  for (const { stream } of all) stream?.socket.destroy()
}

const perform = async (order: Exclude<PhonesOrder, { kind: 'open' }>): Promise<PhonesReport | undefined> => {
  switch (order.kind) {
    case 'connect':
      return void (await connect(order))
    case 'begin':
      return void begin()
    case 'report':
      return report(order)
    default:
      return void close()
  }
}

if (process.send !== undefined) {
  process.on('disconnect', () => process.exit())
  process.on('message', async (order: PhonesOrder) => {
    if (order.kind === 'open') open(order)
    else process.send?.((await perform(order)) ?? 'done')
  })
  setInterval(sendDue, 1)
}
