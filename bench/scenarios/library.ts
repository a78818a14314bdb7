import type { Stack } from '../../deploy/local/stack.ts'
import { fillLibrary } from '../../services/session/test/support/library-rows.ts'
import { type Check, defineScenario, type Figure, judge } from '../lib/scenario.ts'
import { createLatencies, type Latencies } from '../lib/statistics.ts'

/** `fillLibrary` gives every quiz to one of so many hosts, and every session to one of these and to one of the users. */
const HOSTS = 100
const SESSIONS_PER_USER = 50
/** Requests of each list that do not count. */
const WARMING = 50
/** Reads one page after the other as the same caller, then begins anew as the next. */
const PAGES = 5

interface List {
  readonly name: string
  readonly path: string
  readonly caller: 'host' | 'user'
}

const LISTS: readonly List[] = [
  { name: 'quizzes', path: '/v1/quizzes?limit=20', caller: 'host' },
  { name: 'quizzes with a tag', path: '/v1/quizzes?limit=20&tag=tag%203', caller: 'host' },
  { name: 'sessions', path: '/v1/sessions?limit=20', caller: 'host' },
  { name: 'sessions of a status', path: '/v1/sessions?limit=20&status=finished', caller: 'host' },
  { name: 'history', path: '/v1/me/results?limit=20', caller: 'user' },
  { name: 'mistakes', path: '/v1/me/mistakes?limit=20', caller: 'user' },
]

interface Page {
  readonly items: readonly unknown[]
  readonly nextCursor?: string
}

/** Reads pages of the list, one request at a time: what a caller waits for on an idle machine. */
const read = async (stack: Stack, list: List, requests: number, users: number) => {
  const latencies = createLatencies()
  let empty = 0
  for (let sent = 0; sent < requests + WARMING; ) {
    const caller = list.caller === 'host' ? `host ${sent % HOSTS}` : `user ${sent % users}`
    const roles = list.caller === 'host' ? ['host'] : []
    const headers = { authorization: `Bearer ${await stack.issuer.token({ sub: caller, name: caller, roles })}` }
    let cursor: string | undefined
    for (let page = 0; page < PAGES && (page === 0 || cursor !== undefined); page++) {
      const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const began = performance.now()
      const response = await fetch(`${stack.urls.edge}${list.path}${query}`, { headers })
      const { items = [], nextCursor } = (await response.json()) as Partial<Page>
      if (sent++ >= WARMING) latencies.record(performance.now() - began)
      if (items.length === 0) empty += 1
      cursor = nextCursor
    }
  }
  return { latencies, empty }
}

/** A request that reads nothing: how busy the machine is. */
const readTime = async (stack: Stack, requests: number): Promise<Latencies> => {
  const latencies = createLatencies()
  for (let sent = 0; sent < requests; sent++) {
    const began = performance.now()
    await (await fetch(`${stack.urls.edge}/v1/time`)).text()
    latencies.record(performance.now() - began)
  }
  return latencies
}

export const scenario = defineScenario({
  name: 'library',
  summary: 'lists of quizzes, sessions, history and mistakes with a million sessions in the database',
  seconds: 300,
  onlyByName: true,
  options: {
    sessions: { help: 'sessions in the database, each of a quiz of its own', default: '1000000', quick: '20000' },
    requests: { help: 'requests of each list', default: '1000', quick: '100' },
  },
  run: async (context) => {
    const { sessions, requests } = context.numbers
    const stack = await context.stack()
    context.progress(`fills the database with ${sessions} sessions`)
    await fillLibrary(stack.urls.postgres, sessions)
    const users = Math.floor(sessions / SESSIONS_PER_USER)
    const idle = await readTime(stack, requests)
    const checks: Check[] = []
    const figures: Figure[] = []
    const rows = [idle.row('GET /v1/time')]
    for (const list of LISTS) {
      const { latencies, empty } = await read(stack, list, requests, users)
      const p99 = latencies.percentile(99)
      context.progress(`${list.name}: p99 ${p99.toFixed(1)} ms`)
      checks.push({ sentence: `${list.name}: every page has items (${empty} have none)`, holds: empty === 0 })
      figures.push({ name: `${list.name}, p99`, unit: 'ms', value: p99, goal: { direction: 'at most', value: 20 } })
      rows.push(latencies.row(list.name))
    }
    return {
      verdict: judge(checks),
      figures,
      latencies: rows,
      notes: [
        'One request at a time. Each caller has a token that the edge has not seen before, and reads five pages.',
      ],
    }
  },
})
