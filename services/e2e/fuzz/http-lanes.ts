import { openRaw, type RawConnection } from '../raw-connection.ts'
import { codeOf, parseResponse, type RawResponse } from '../raw-response.ts'
import type { Lane, LaneContext } from './lane.ts'
import { mutate } from './mutate.ts'
import { createRandom, type Random } from './random.ts'
import { type Rendered, render } from './render.ts'
import { requests } from './requests.ts'
import { createSampler } from './sampler.ts'

/** Longer than the edge waits for anything. */
const PATIENCE_MS = 20_000
/** A request that does not say its end gets this long for an answer. */
const GRACE_MS = 15
/** Inputs that are made of one drawn request by changing bytes. */
const MUTANTS = 8

/** "Go on", for those who ask whether they may. */
const CONTINUE = 100

interface Line {
  readonly connection: RawConnection
  /** The next whole response; undefined when the connection is closed, or the time is up before. */
  next(isHead: boolean, patienceMs: number): Promise<RawResponse | undefined>
}

/** Of the attackers: each line comes from another one, so that what counts by address sees many. */
const addressOf = (random: Random): string =>
  `127.${1 + random.below(250)}.${random.below(250)}.${1 + random.below(250)}`

const openLine = async (port: number, from: string): Promise<Line> => {
  let buffered: Buffer = Buffer.alloc(0)
  let wake: (() => void) | undefined
  const connection = await openRaw(
    port,
    (chunk) => {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
      wake?.()
    },
    from,
  )
  void connection.closed.then(() => wake?.())
  return {
    connection,
    next: async (isHead, patienceMs) => {
      const deadline = performance.now() + patienceMs
      for (;;) {
        const parsed = parseResponse(buffered, isHead)
        if (parsed !== undefined) {
          buffered = buffered.subarray(parsed.size)
          if (parsed.response.status === CONTINUE) continue
          return parsed.response
        }
        const left = deadline - performance.now()
        if (connection.isClosed() || left <= 0) return undefined
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    },
  }
}

/** Streams and the driver's own refusals are the last thing that is said on a connection. */
const isLast = ({ status, headers }: RawResponse): boolean =>
  status === 101 ||
  headers.get('content-type') === 'text/event-stream' ||
  headers.get('connection') === 'close' ||
  !headers.has('content-length')

const judge = ({ ledger }: LaneContext, lane: string, response: RawResponse, input: Buffer): void => {
  let code = ''
  try {
    code = codeOf(response)
  } catch {
    ledger.fail(`a problem that is no JSON: ${response.body.slice(0, 200)}`, lane, input)
  }
  ledger.count(`${response.status} ${code}`.trim())
  if (response.fault !== undefined) ledger.fail(`not said by the edge: ${response.fault}`, lane, input)
  if (response.status === 500 || response.status < 100) ledger.fail(`status ${response.status}`, lane, input)
}

/** Sends requests that are nearly right, each after the answer to the one before. */
export const requestLane: Lane = async (context, name, seed) => {
  const { ledger, port } = context
  const draw = createSampler(requests, seed)
  const random = createRandom(seed)
  let line: Line | undefined

  const say = async (rendered: Rendered): Promise<void> => {
    const { bytes, isWhole, isHead } = rendered
    const isFresh = line === undefined
    line ??= await openLine(port, addressOf(random))
    const { connection, next } = line
    connection.write(bytes)
    ledger.sent.requests += 1
    const response = await next(isHead, isWhole ? PATIENCE_MS : GRACE_MS)
    if (response !== undefined) judge(context, name, response, bytes)
    else if (isWhole && connection.isClosed() && !isFresh) {
      // It was closed after the answer before, as the client had wished with its headers.
      line = undefined
      await say(rendered)
      return
    } else if (isWhole) {
      ledger.count(connection.isClosed() ? 'closed' : 'no answer')
      ledger.fail(connection.isClosed() ? 'closed without an answer' : 'no answer', name, bytes)
    }
    if (response !== undefined && isWhole && !isLast(response) && !connection.isClosed()) return
    connection.reset()
    line = undefined
  }

  while (!context.isOver()) await say(render(draw(), context.words(random)))
  line?.connection.reset()
}

/** Sends what is left of requests after bytes were changed, one to three at once. */
export const mutantLane: Lane = async (context, name, seed) => {
  const { ledger, port } = context
  const draw = createSampler(requests, seed)
  const random = createRandom(seed)
  let line: Line | undefined
  while (!context.isOver()) {
    const { bytes, isHead } = render(draw(), context.words(random))
    for (let count = 0; count < MUTANTS && !context.isOver(); count++) {
      const several = Array.from({ length: 1 + random.below(3) }, () => mutate(bytes, random))
      const input = Buffer.concat(several)
      line ??= await openLine(port, addressOf(random))
      line.connection.write(input)
      ledger.sent.mutants += 1 // what follows the first is read only if that leaves the connection open
      const response = await line.next(isHead, GRACE_MS)
      if (response !== undefined) judge(context, name, response, input)
      if (response !== undefined && !isLast(response) && !isHead && random.chance(0.9)) continue
      line.connection.reset()
      line = undefined
    }
  }
  line?.connection.reset()
}
