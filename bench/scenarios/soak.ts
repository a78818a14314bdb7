import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PhonesReport } from '../generators/phones.ts'
import { type Check, defineScenario, judge } from '../lib/scenario.ts'
import { createLatencies, monotonicMs, sumOf } from '../lib/statistics.ts'
import { answerOpening, askAll, CYCLE_MS, connectPhones, SESSION_PLAYERS } from '../workloads/capacity.ts'
import { podiumGames } from '../workloads/game-systems.ts'

const STANDSTILL_GOAL = { direction: 'at most', value: 250 } as const
/** Between two reports of the generator. */
const REPORT_MS = 15_000
/** An answer younger than this may still be on its way. */
const YOUNG_MS = 5_000
/** What the client of NATS says when the server gave no sign of life while messages were asked for. */
const HEARTBEATS = /heartbeats missed/g

export const scenario = defineScenario({
  name: 'soak',
  summary: 'connected players answer for a long time: do scores ever stand still? (SOAK_MINUTES=60)',
  seconds: 3_900,
  onlyByName: true,
  options: {
    minutes: { help: 'length; make bench SCENARIO=soak SOAK_MINUTES=60', default: '60', quick: '0.5' },
    players: { help: 'connected players, in sessions of 100', default: '3000', quick: '200' },
    generators: { help: 'processes that play the players', default: '1' },
    env: { help: 'one variable of the services, for instance LOG_LEVEL=info', default: '' },
  },
  run: async (context) => {
    const { minutes, players, generators: count } = context.numbers
    const [name = '', value = ''] = context.options.env.split('=')
    const stack = await context.stack(name === '' ? {} : { env: { [name]: value } })
    const system = await podiumGames(context, stack)
    const sessions = Math.max(1, Math.round(players / SESSION_PLAYERS))
    const questions = Math.max(2, Math.ceil((minutes * 60_000) / CYCLE_MS))
    const game = await system.prepare(sessions, questions)
    const generators = Array.from({ length: count }, () => context.start('generators/phones.ts', { isGenerator: true }))
    await connectPhones(generators, system, game)
    context.progress(`${game.phones.length} players in ${sessions} sessions, ${questions} questions each`)
    await askAll(generators, { kind: 'begin' })

    const [accepted, own, visible] = [createLatencies(), createLatencies(), createLatencies()]
    const totals = { sent: 0, accepted: 0, scored: 0, backwards: 0, closed: 0 }
    let longestMs = 0
    const missed = (): number =>
      (readFileSync(join(stack.dir, 'logs', 'podium.log'), 'utf8').match(HEARTBEATS) ?? []).length
    const gather = async (until: number): Promise<void> => {
      const order = { kind: 'report', from: 0, to: until, until } as const
      const reports = await askAll<PhonesReport>(generators, order)
      for (const { latencies } of reports) {
        accepted.merge(latencies.accepted)
        own.merge(latencies.own)
        visible.merge(latencies.visible)
      }
      const sum = (key: 'sent' | 'accepted' | 'scored' | 'backwards' | 'closed'): number =>
        sumOf(reports.map((each) => each[key]))
      for (const key of ['sent', 'accepted', 'scored'] as const) totals[key] += sum(key)
      for (const key of ['backwards', 'closed'] as const) totals[key] = sum(key)
      longestMs = Math.max(...reports.map(({ standstillMs }) => standstillMs))
      context.progress(
        `${totals.accepted} answers accepted, longest standstill of scores ${Math.round(longestMs)} ms, p99 accepted ${accepted.percentile(99).toFixed(1)} visible ${visible.percentile(99).toFixed(1)} ms, heartbeats missed ${missed()} times`,
      )
    }
    let isOver = false
    const playing = game
      .play((opening) => answerOpening(generators, opening))
      .finally(() => {
        isOver = true
      })
    for (let last = monotonicMs(); !isOver; ) {
      await Promise.race([playing, sleep(1_000)])
      if (isOver || monotonicMs() - last < REPORT_MS) continue
      last = monotonicMs()
      await gather(last - YOUNG_MS)
    }
    await playing
    await sleep(YOUNG_MS)
    await gather(Number.POSITIVE_INFINITY)
    const { sent } = totals
    const expected = game.phones.length * questions
    const checks: Check[] = [
      {
        sentence: `${sent} of ${expected} answers sent, ${totals.accepted} accepted`,
        holds: sent === expected && totals.accepted === sent,
      },
      { sentence: `${totals.scored} of ${totals.accepted} scores were told`, holds: totals.scored === totals.accepted },
      {
        sentence: `no board went back (${totals.backwards}), no client was closed (${totals.closed})`,
        holds: totals.backwards + totals.closed === 0,
      },
      ...(await game.check(totals.accepted)),
    ]
    return {
      verdict: judge(checks),
      figures: [
        { name: 'longest standstill of scores', unit: 'ms', value: longestMs, goal: STANDSTILL_GOAL },
        { name: 'heartbeats missed', unit: '', value: missed(), goal: { direction: 'at most', value: 0 } },
        { name: 'answers', unit: '', value: totals.accepted },
        { name: 'minutes', unit: 'min', value: minutes },
      ],
      latencies: [accepted.row('accepted'), own.row('own score'), visible.row("on another client's board")],
      notes: [
        'A standstill is the longest time in which no score came to any player of a process of the generator while an accepted answer was not scored.',
        'heartbeats missed counts lines of the log: a consumer that heard nothing from NATS for two seconds asks anew.',
      ],
    }
  },
})
