import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openRaw } from '../raw-connection.ts'
import { startTarget, type Target, type TargetGame } from '../target.ts'
import { head, postOf } from './attack.ts'
import { importOf, misordered } from './one-against-all.ts'

/**
 * `npm run attacks -- --measure`: what another class notices while one client attacks. The longest delay of an
 * opening (the host's command), a close (its event after its time), a join and an answer, without an attack and with each. The
 * attacker is a process of its own with the least priority, as it stands for another machine.
 */

/** The other class: a question of a second, again and again; a player joins and answers every 50 ms. */
const playUntil = async (target: Target, game: TargetGame, isOver: () => boolean) => {
  const delays = { opening: [] as number[], close: [] as number[], join: [] as number[], answer: [] as number[] }
  const timed = async <T>(into: number[], work: Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await work
    into.push(performance.now() - began)
    return result
  }
  const closings = await followCloses(target, game)
  let command = 'start'
  while (!isOver()) {
    const { body } = await timed(delays.opening, game.control(command))
    command = 'next'
    while (body.status === 'starting' && (await game.state()).question === undefined) await sleep(10)
    const { questionId, opensAt, closesAt } = (await game.state()).question
    await sleep(Math.max(0, opensAt - Date.now()))
    while (Date.now() < closesAt - 200) {
      const { token } = await timed(delays.join, game.join())
      await timed(delays.answer, game.answer(token, { questionId, choice: 0 }))
      await sleep(50)
    }
    while ((await game.state()).status === 'question_open') await sleep(20)
    const closedAt = closings.get(questionId)
    if (closedAt !== undefined) delays.close.push(closedAt - closesAt)
  }
  return delays
}

/** When a player's stream says that each question is closed. */
const followCloses = async (target: Target, game: TargetGame): Promise<ReadonlyMap<string, number>> => {
  const closings = new Map<string, number>()
  const { token } = await game.join()
  let text = ''
  const connection = await openRaw(target.port, (chunk) => {
    text += chunk.toString()
    for (const [, id = ''] of text.matchAll(/event: ?question\.closed\r?\n[\s\S]*?"questionId":"([^"]+)"/g)) {
      if (!closings.has(id)) closings.set(id, Date.now())
    }
    text = text.slice(-20_000)
  })
  connection.write(head(`GET /v1/sessions/${game.sessionId}/events HTTP/1.1`, `Authorization: Bearer ${token}`))
  return closings
}

interface Plan {
  readonly port: number
  /** Sent again and again, each on a connection of its own. */
  readonly requests: readonly string[]
  readonly atOnce: number
  readonly from: string
}

/** The attacker's process. */
const attack = async ({ port, requests, atOnce, from }: Plan): Promise<void> => {
  setPriority(19)
  const work = async (): Promise<void> => {
    for (let turn = 0; ; turn += 1) {
      try {
        const answered = Promise.withResolvers<void>()
        const connection = await openRaw(port, () => answered.resolve(), from)
        connection.write(requests[turn % requests.length] ?? '')
        await Promise.race([answered.promise, connection.closed])
        connection.reset()
      } catch {
        await sleep(10) // refused: too many connections
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** A finished session of so many answers, whose host then reads its results. */
const fillResults = async (target: Target, game: TargetGame, players: number): Promise<void> => {
  const client = new pg.Client({ connectionString: target.stack.urls.postgres })
  await client.connect()
  const id = [game.sessionId]
  await client.query(
    `INSERT INTO players (id, session_id, nickname, nickname_key, join_order)
     SELECT gen_random_uuid(), $1, 'Player ' || place, 'player ' || place, place FROM generate_series(1000, 1000 + $2::int) AS place`,
    [...id, players],
  )
  await client.query(
    `INSERT INTO totals (session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
       rule_version, streak_bonus)
     SELECT session_id, join_order, 100, 0, 0, 0, repeat('1', 100)::varbit, repeat('0', 100)::varbit, 'speed', 1, false
       FROM players WHERE session_id = $1`,
    id,
  )
  await client.query(
    `INSERT INTO ledger (session_id, join_order, question_index, answer_id, answer, credit, timing, points, received_low_ms)
     SELECT q.session_id, p.join_order, q.index, uuid_send(p.id), '=owl', 128, 1, 0, 0
       FROM session_questions AS q JOIN players AS p ON p.session_id = q.session_id WHERE q.session_id = $1`,
    id,
  )
  await client.end()
}

const plansOf = async (
  target: Target,
): Promise<readonly (readonly [name: string, plan: Omit<Plan, 'port' | 'from'>])[]> => {
  const guests = await target.game({ settings: { access: 'guests' } })
  const typed = { kind: 'fill_blank', prompt: 'Which bird?', correct: ['owl'] }
  const played = await target.game({ questions: Array.from({ length: 100 }, () => typed) })
  await fillResults(target, played, 1_000)
  const host = `Authorization: Bearer ${await target.token('Attacker', ['host'])}`
  const { token } = await guests.join()
  const join = `/v1/sessions/${guests.sessionId}/join`
  const forged = () => {
    const body = JSON.stringify({ answerId: randomUUID(), questionId: randomUUID(), choice: 0 })
    const bad = `Authorization: Bearer ${token.slice(0, -9)}${randomUUID().slice(0, 8)}A`
    return postOf(`/v1/sessions/${guests.sessionId}/answers`, body, bad)
  }
  const results = head(
    `GET /v1/sessions/${played.sessionId}/results HTTP/1.1`,
    `Authorization: Bearer ${played.hostToken}`,
  )
  return [
    ['nothing', { requests: [], atOnce: 0 }],
    [
      '1: nicknames of 80,000 misordered marks',
      { requests: [postOf(join, JSON.stringify({ nickname: misordered(80_000) }))], atOnce: 8 },
    ],
    [
      '2: imports of 4 MB',
      {
        requests: [postOf('/v1/quizzes/import', JSON.stringify(importOf('\u0315\u0316', 3_900_000)), host)],
        atOnce: 4,
      },
    ],
    ['3: 20 readings of 100,000 answers', { requests: [results], atOnce: 20 }],
    ['4: guesses of join codes', { requests: [postOf('/v1/sessions/AAAAAA/join', '{}')], atOnce: 64 }],
    ['5: forged tokens on answers', { requests: Array.from({ length: 5_000 }, forged), atOnce: 64 }],
  ]
}

const longest = (delays: readonly number[]): string =>
  delays.length === 0 ? '–' : `${Math.round(Math.max(...delays))}`

export const measure = async (only: RegExp, seconds = 8): Promise<void> => {
  const target = await startTarget()
  try {
    console.log('| Attack | opening | close | join | answer |\n|---|---|---|---|---|')
    for (const [index, [name, plan]] of (await plansOf(target)).entries()) {
      if (!only.test(name)) continue
      const questions = Array.from({ length: 60 }, () => ({ kind: 'true_false', prompt: 'Is it?', correct: true }))
      const game = await target.game({ questions, settings: { timeLimitSeconds: 1 } })
      const attacker = plan.atOnce === 0 ? undefined : fork(import.meta.filename)
      attacker?.send({ ...plan, port: target.port, from: `127.77.0.${index}` })
      const end = Date.now() + seconds * 1_000
      const delays = await playUntil(target, game, () => Date.now() > end)
      if (attacker !== undefined) {
        attacker.kill('SIGKILL')
        await once(attacker, 'exit')
      }
      const row = [delays.opening, delays.close, delays.join, delays.answer].map(longest)
      console.log(`| ${name} | ${row.join(' | ')} |`)
    }
  } finally {
    await target.stop()
  }
}

if (import.meta.main) process.once('message', (plan) => void attack(plan as Plan))
