import { createCrowds, verifyChecks, watchBacklog } from '../lib/crowd.ts'
import { cpuMicros, stackCpu } from '../lib/processes.ts'
import { cpuChart, defineScenario, judge } from '../lib/scenario.ts'
import { median, summarize, sumOf } from '../lib/statistics.ts'
import { answerQuestion, saturate } from '../workloads/closed-loop.ts'
import { refusalsOf } from '../workloads/round.ts'

export const scenario = defineScenario({
  name: 'http',
  summary: 'as many new answers over HTTP as a closed loop can get accepted',
  seconds: 40,
  options: {
    sessions: { help: 'sessions at once', default: '8', quick: '2' },
    players: { help: 'players of each; every round has one answer of each', default: '1000', quick: '250' },
    rounds: { help: 'questions that count', default: '5', quick: '2' },
    connections: { help: 'connections, one request at a time on each', default: '100' },
    edges: { help: 'copies of the edge', default: '1' },
  },
  run: async (context) => {
    const { sessions, players, rounds, connections, edges } = context.numbers
    const stack = await context.stack({ copies: { edge: edges } })
    const sizes = Array<number>(sessions).fill(players)
    const { crowds, close } = await createCrowds(stack, sizes, rounds + 1)
    const backlog = await watchBacklog(stack)
    context.defer(() => Promise.all([close(), backlog.close()]))
    context.progress(`${sessions} sessions with ${players} players each`)
    const raw = context.start('ceilings/uws-post.ts')
    const { port: rawPort } = await raw.hear<{ port: number }>()
    const sender = context.start('generators/sender.ts', { isGenerator: true })
    const port = Number(new URL(stack.urls.edge).port)
    const repeat = Math.ceil(10_000 / (sessions * players))

    const played = []
    for (let n = 0; n <= rounds; n++) {
      const side = { port, connections, crowds, backlog, cpu: () => stackCpu(stack) }
      const round = await answerQuestion(sender, side)
      const before = cpuMicros(raw.pid)
      const ceiling = await saturate(sender, { port: rawPort, connections, requests: round.requests, repeat })
      const rawMicros = (cpuMicros(raw.pid) - before) / ceiling.accepted
      const rate = round.accepted / round.seconds
      context.progress(`${n === 0 ? 'warming' : `round ${n} of ${rounds}`}: ${Math.round(rate)} answers/s`)
      const edgeMicros = round.cpu.edge ?? Number.NaN
      played.push({ ...round, rate, edgeMicros, rawMicros, rawRate: ceiling.accepted / ceiling.seconds })
    }
    const counted = played.slice(1)
    const ratios = counted.map(({ edgeMicros, rawMicros }) => edgeMicros / rawMicros)
    const refused = refusalsOf(played)
    const ids = crowds.map(({ sessionId }) => sessionId)
    return {
      verdict: judge([
        {
          sentence: `every answer was accepted${refused === '' ? '' : `, but ${refused}`}`,
          holds: refused === '',
        },
        ...(await verifyChecks(stack, ids, sessions * players * (rounds + 1))),
      ]),
      figures: [
        { name: 'answers accepted', unit: '1/s', ...summarize(counted.map(({ rate }) => rate)) },
        {
          name: 'CPU per answer, all processes',
          unit: 'µs',
          ...summarize(counted.map(({ cpu }) => sumOf(Object.values(cpu)))),
        },
        { name: 'CPU per answer, edge', unit: 'µs', ...summarize(counted.map(({ edgeMicros }) => edgeMicros)) },
        { name: 'raw POSTs answered', unit: '1/s', ...summarize(counted.map(({ rawRate }) => rawRate)) },
      ],
      ceilings: [{ name: 'edge / raw POST, CPU', ratio: median(ratios), rounds: ratios }],
      charts: [
        cpuChart('CPU time per answer by process, closed loop over HTTP', 'answer', [
          ...Object.keys(counted[0]?.cpu ?? {}).map((name) => ({
            name,
            parts: [{ name: 'Podium', value: median(counted.map(({ cpu }) => cpu[name] ?? 0)) }],
          })),
          { name: 'raw POST', parts: [{ name: 'raw', value: median(counted.map(({ rawMicros }) => rawMicros)) }] },
        ]),
      ],
      payloads: { 'answer, HTTP body': played[0]?.requests[0]?.body.length ?? 0 },
      notes: [
        'Closed loop: a connection sends its next answer when the last one was accepted. The rate is what can be accepted; the CPU time of a round is taken when its last answer is in the ledger and on the board.',
      ],
    }
  },
})
