import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createGame, openNextQuestion, rightChoice, wrongChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { shortenAckWait } from './support/ack-wait.ts'
import { APART, type Podium, startPodium, TWO_OF_EACH } from './support/podium.ts'

/** Lines between the durable effect of a worker and its acknowledgement. */
const FAILPOINTS = [
  { name: 'evaluator.after-publish', role: 'evaluator' },
  { name: 'scorer.after-commit', role: 'scorer' },
  { name: 'leaderboard.after-apply', role: 'leaderboard' },
] as const

/** What a dead copy had not acknowledged comes again after this time instead of the declared one, to keep the test short. */
const ACK_WAIT_MS = 1_000

for (const [arrangement, copies] of Object.entries({ 'processes of their own': APART, 'one process': TWO_OF_EACH })) {
  t.test(`a worker killed between its effect and its acknowledgement changes nothing: ${arrangement}`, async (t) => {
    const flags = await mkdtemp(join(tmpdir(), 'podium-failpoint-'))
    t.teardown(() => rm(flags, { recursive: true, force: true }))
    const flagOf = (name: string) => join(flags, name)
    const podium = await startPodium(t, {
      copies,
      env: { PODIUM_FAILPOINTS: FAILPOINTS.map(({ name }) => `${name}@${flagOf(name)}`).join(',') },
    })
    await shortenAckWait(podium.stack, ACK_WAIT_MS)

    for (const { name, role } of FAILPOINTS) {
      const service = copies === APART ? role : 'worker'
      const before = restartsOf(podium, service)
      await t.test(name, async (t) => {
        const game = await createGame(podium, {
          players: ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Flo'],
          settings: { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 120, reveal: 'immediate' },
        })
        const { questionId } = await openNextQuestion(game)
        await writeFile(flagOf(name), '')
        await Promise.all(
          game.players.map((player, index) =>
            player.answer(questionId, { choice: index % 2 === 0 ? rightChoice(0) : wrongChoice(0) }),
          ),
        )
        await eventually(() => restartsOf(podium, service) === before + 1, {
          timeoutMs: 20_000,
          what: `${service} died and was restarted`,
        })
        await eventually(async () => (await podium.differences(game.session.sessionId)).length === 0, {
          timeoutMs: 40_000,
          intervalMs: 200,
          what: 'ledger, totals and board agree',
        })
        const results = await game.host.results(game.session.sessionId)
        t.equal(results.questions[0]?.answerCount, 6)
        t.equal(results.players.filter(({ correctAnswers }) => correctAnswers === 1).length, 3)
        const top = await eventually(async () => {
          const board = await game.host.leaderboard(game.session.sessionId)
          return board.top.filter(({ score }) => score > 0).length === 3 ? board.top : undefined
        })
        t.same(
          top?.map(({ playerId, score }) => [playerId, score]),
          results.players.map(({ playerId, score }) => [playerId, score]),
        )
      })
    }
  })
}

const restartsOf = (podium: Podium, service: string): number =>
  podium.stack.processes
    .filter((process) => process.name === service)
    .reduce((sum, process) => sum + process.restarts, 0)
