import { join } from 'node:path'
import { tickMs } from '../../services/edge/streams/fan-out.ts'
import { startChild } from '../lib/child.ts'
import { defineScenario, judge, type ScenarioContext } from '../lib/scenario.ts'
import { startClassic } from '../peers/classic/start.ts'
import { classicSession } from '../workloads/classic-session.ts'
import { openPhones } from '../workloads/phones.ts'
import { podiumSession } from '../workloads/podium-session.ts'
import { type SessionGoals, type SessionSummary, sessionCharts, summarizeRounds } from '../workloads/session-result.ts'
import { playRound, type RoundFigures, type SessionTarget } from '../workloads/session-round.ts'

type Context = ScenarioContext<'players' | 'rounds' | 'watched' | 'edges' | 'peer'>

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
  context.defer(sender.stop)
  context.pinGenerator(sender.pid)
  const phones = await openPhones(target, Number(context.options.watched))
  context.defer(phones.stop)
  context.progress(`${target.name}: ${target.streams.length} players connected`)
  const figures: RoundFigures[] = []
  for (let round = 0; round <= rounds; round++) {
    const played = await playRound(target, sender, phones)
    const p99 = (what: 'accepted' | 'visible' | 'lag') => played[what].percentile(99).toFixed(1)
    context.progress(
      `${target.name}: ${round === 0 ? 'warming' : `round ${round} of ${rounds}`}: ${played.acceptedCount} of ${played.sent} accepted, p99 ${p99('accepted')} ms, visible p99 ${p99('visible')} ms, generator late by ${p99('lag')} ms`,
    )
    if (round > 0) figures.push(played)
    else if (played.acceptedCount < played.sent) context.progress(`refused: ${JSON.stringify(played.refused)}`)
  }
  const summary = summarizeRounds(target.name, figures, goals)
  const warming = target.streams.length
  const checks = await target.checks(summary.acceptedCount + warming)
  await Promise.all([sender.stop(), phones.stop()])
  return { ...summary, checks: [...summary.checks, ...checks] }
}

export const scenario = defineScenario({
  name: 'session',
  summary: 'one session, everybody answers one question within two seconds',
  seconds: 50,
  options: {
    players: { help: 'players of the session, for instance 1000, 5000 or 10000', default: '1000', quick: '200' },
    rounds: { help: 'questions that count', default: '2', quick: '1' },
    watched: { help: 'players whose phones are timed, spread over all', default: '250', quick: '50' },
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
    const [ours, ...peers] = summaries
    const valid = peers.filter(({ checks }) => judge(checks).kind === 'valid')
    const shown = ours === undefined ? [] : [ours, ...valid]
    return {
      verdict: judge(shown.flatMap(({ checks }) => checks)),
      figures: shown.flatMap(({ figures }) => figures),
      latencies: shown.flatMap(({ latencies }) => latencies),
      charts: sessionCharts(players, shown),
      payloads: Object.assign({}, ...shown.map(({ payloads }) => payloads)),
      notes: [
        `The tick of the leaderboard is ${tickMs(players)} ms for ${players} players. Latencies begin at the time that was fixed for the answer before the round.`,
        'The phones of the players watched are read and timed at once, those of the others after the round.',
        'CPU per answer contains the fan-out of the boards: a frame to every player and tick.',
        ...peers.flatMap(({ name, checks }) => {
          const verdict = judge(checks)
          return verdict.kind === 'void' ? [`${name} has no figures: ${verdict.reasons.join('; ')}`] : []
        }),
      ],
    }
  },
})
