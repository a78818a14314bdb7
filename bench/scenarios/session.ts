import { join } from 'node:path'
import { tickMs } from '../../services/edge/src/domain/fan-out-tick.ts'
import { startChild } from '../lib/child.ts'
import { defineScenario, judge, type ScenarioContext } from '../lib/scenario.ts'
import { startClassic } from '../peers/classic/start.ts'
import { classicSession } from '../workloads/classic-session.ts'
import { podiumSession } from '../workloads/podium-session.ts'
import { type SessionGoals, type SessionSummary, sessionCharts, summarizeRounds } from '../workloads/session-result.ts'
import { playRound, type RoundFigures, type SessionTarget } from '../workloads/session-round.ts'

type Context = ScenarioContext<'players' | 'rounds' | 'edges' | 'peer'>

const generators = join(import.meta.dirname, '..', 'generators')

/** Accepted p99 in milliseconds, for so many players. */
const ACCEPTED_GOALS: Readonly<Record<number, number>> = { 1000: 10, 5000: 25, 10000: 100 }

const goalsFor = (players: number): SessionGoals => {
  const accepted = ACCEPTED_GOALS[players]
  return {
    ...(accepted === undefined ? {} : { acceptedP99: { direction: 'at most', value: accepted } }),
    visibleP99: { direction: 'at most', value: tickMs(players) + 25 },
  }
}

/** A round that warms, then those that count. */
const play = async (
  context: Context,
  target: SessionTarget,
  rounds: number,
  goals?: SessionGoals,
): Promise<SessionSummary> => {
  const sender = startChild(join(generators, 'answers.ts'), { isPunctual: true })
  const watchers = startChild(join(generators, 'watchers.ts'))
  const end = async (): Promise<void> => void (await Promise.all([sender.stop(), watchers.stop()]))
  context.defer(end)
  context.pinGenerator(sender.pid)
  const { port, feed, streams } = target
  await watchers.ask({ kind: 'watch', port, feed, streams }, 120_000)
  context.progress(`${target.name}: ${streams.length} players connected`)
  const figures: RoundFigures[] = []
  for (let round = 0; round <= rounds; round++) {
    const played = await playRound(target, sender, watchers)
    const p99 = (what: 'accepted' | 'visible') => played[what].percentile(99).toFixed(1)
    context.progress(
      `${target.name}: ${round === 0 ? 'warming' : `round ${round} of ${rounds}`}: ${played.acceptedCount} of ${played.sent} accepted, p99 ${p99('accepted')} ms, visible p99 ${p99('visible')} ms`,
    )
    if (round > 0) figures.push(played)
    else if (played.acceptedCount < played.sent) context.progress(`refused: ${JSON.stringify(played.refused)}`)
  }
  const summary = summarizeRounds(target.name, figures, goals)
  const warming = streams.length
  const checks = await target.checks(summary.acceptedCount + warming)
  await end()
  return { ...summary, checks: [...summary.checks, ...checks] }
}

export const scenario = defineScenario({
  name: 'session',
  summary: 'one session, everybody answers one question within two seconds',
  seconds: 75,
  options: {
    players: { help: 'players of the session, for instance 1000, 5000 or 10000', default: '1000', quick: '200' },
    rounds: { help: 'questions that count', default: '3', quick: '1' },
    edges: { help: 'copies of the edge', default: '1' },
    peer: { help: 'classic: also on the classic design; none', default: 'classic' },
  },
  run: async (context) => {
    const { options } = context
    const [players, rounds, edges] = [Number(options.players), Number(options.rounds), Number(options.edges)]
    const stack = await context.stack({ copies: { edge: edges } })
    const target = await podiumSession(stack, players, rounds + 1)
    const summaries = [await play(context, target, rounds, goalsFor(players))]
    if (options.peer === 'classic') {
      await stack.stop()
      const peer = await classicSession(await startClassic(context), players)
      summaries.push(await play(context, peer, rounds))
    }
    return {
      verdict: judge(summaries.flatMap(({ checks }) => checks)),
      figures: summaries.flatMap(({ figures }) => figures),
      latencies: summaries.flatMap(({ latencies }) => latencies),
      charts: sessionCharts(players, summaries),
      payloads: summaries[0]?.payloads ?? {},
      notes: [
        `The tick of the leaderboard is ${tickMs(players)} ms for ${players} players. Latencies begin at the time that was fixed for the answer before the round.`,
        'CPU per answer contains the fan-out of the boards: a frame to every player and tick.',
      ],
    }
  },
})
