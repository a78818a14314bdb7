import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { quizOf } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { verifySession } from '../../verify/index.ts'
import { createPhone, type Phone } from './support/network/phone.ts'
import { QUESTIONS, type Scenario, scenarios } from './support/network/scenario.ts'
import { faultsOf, historyOf } from './support/network/witness.ts'

import { type Podium, startPodium, TWO_OF_EACH } from './support/podium.ts'

/** A run takes about ten seconds. To repeat one: the seed that a failure prints. */
const RUNS = Number(process.env.NETWORK_RUNS ?? 2)
const SEED = process.env.NETWORK_SEED

// Everything is closed by then; a process that stays is a leak, and says of what.
t.teardown(() => {
  const explain = () => {
    console.error('still there after the test:', process.getActiveResourcesInfo())
    process.exit(1)
  }
  setTimeout(explain, 10_000).unref()
})

t.test(
  'whatever the network does, no answer is lost or counted twice, and no event is missed or shown twice',
  async (t) => {
    const podium = await startPodium(t, { copies: TWO_OF_EACH })
    const seed = SEED === undefined ? {} : { seed: Number(SEED) }
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        t.comment(await play(podium, scenario))
      }),
      // A counterexample is a seed to run again; looking for a smaller one would take a game per step.
      { numRuns: RUNS, endOnFailure: true, ...seed },
    )
  },
)

/** Plays a game and compares everything with everything; resolves with a sentence about it. */
const play = async (podium: Podium, scenario: Scenario): Promise<string> => {
  const { stack } = podium
  const host = await podium.host()
  const { quizId } = await host.createQuiz(quizOf(QUESTIONS))
  const { sessionId } = await host.createSession({
    quizId,
    settings: {
      startDelaySeconds: 0,
      revealSeconds: 0.2,
      timeLimitSeconds: 1,
      closeWhenAllAnswered: scenario.closeWhenAllAnswered,
    },
  })
  const phones: Phone[] = []
  try {
    for (const [index, plan] of scenario.phones.entries()) {
      const token = await podium.token(`Player ${index}`)
      phones.push(await createPhone(new URL(stack.urls.edge), token, sessionId, plan))
    }
    await Promise.all(phones.map((phone) => phone.player.connect()))
    await host.control(sessionId, 'start')
    await haveMishaps(podium, scenario, phones)
    for (const phone of phones) phone.heal()
    await eventually(() => phones.every((phone) => phone.player.device.board.status === 'finished'), {
      timeoutMs: 20_000,
      what: 'every phone sees the end',
    })
    await eventually(async () => (await Promise.all(phones.map((phone) => phone.isSettled()))).every(Boolean), {
      timeoutMs: 15_000,
      intervalMs: 100,
      what: 'the outcome of every answer is known',
    })
    await compareWithLedger(podium, sessionId, phones)
    compareWithEachOther(phones)
    return summaryOf(scenario, phones)
  } finally {
    await Promise.all(phones.map((phone) => phone.close()))
    await Promise.all([1, 2].map((copy) => stack.process('edge', copy).ready()))
  }
}

/** Resolves when everything that was to happen has happened. */
const haveMishaps = async ({ stack }: Podium, { phones: plans, kills }: Scenario, phones: readonly Phone[]) => {
  const began = Date.now()
  const happening = [
    ...plans.flatMap(({ mishaps }, index) =>
      mishaps.map(({ atMs, what }) => ({ atMs, run: async () => phones[index]?.suffer(what) })),
    ),
    ...kills.map(({ atMs, copy }) => ({ atMs, run: () => stack.process('edge', copy).kill('SIGKILL') })),
  ].toSorted((a, b) => a.atMs - b.atMs)
  for (const { atMs, run } of happening) {
    await sleep(Math.max(0, began + atMs - Date.now()))
    await run()
  }
}

const compareWithLedger = async (podium: Podium, sessionId: string, phones: readonly Phone[]): Promise<void> => {
  const { edge, postgres, redis, nats } = podium.stack.urls
  const report = await verifySession({
    sessionId,
    databaseUrl: postgres,
    redisUrl: redis,
    natsUrl: nats,
    edge: { url: edge, token: await podium.token('Host', ['host']) },
    waitMs: 10_000,
  })
  assert.deepEqual(report.differences, [])

  const { questions, players } = await (await podium.host()).results(sessionId)
  for (const { plan, player, faults } of phones) {
    assert.deepEqual(faults, [])
    const { playerId } = player
    const receipts = receiptsOf(player)
    const ledger = players.find((result) => result.playerId === playerId)?.answers ?? []
    const counted = ledger.map(({ index }) => questions.find((question) => question.index === index)?.questionId ?? '')
    assert.equal(new Set(counted).size, counted.length, 'a question counted twice')
    for (const [questionId, all] of receipts) {
      assert.ok(counted.includes(questionId), `an accepted answer is not in the ledger: ${questionId}`)
      // Two edges that get it within the same moment both accept it, each with the time at which it had it. That goes for two
      // answers of two devices, too, which a phone that was restarted is for a moment: one of them counts.
      const isOneDevice = plan.mishaps.every(({ what }) => what.kind !== 'restart')
      if (isOneDevice) assert.equal(new Set(all.map(({ answerId }) => answerId)).size, 1, 'two answers accepted')
    }
    for (const [at, questionId] of counted.entries()) {
      const isRefused = player.outcomes.some(
        (outcome) => outcome.questionId === questionId && outcome.problem?.code === 'already-answered',
      )
      const isKnown = receipts.has(questionId) || isRefused
      assert.ok(isKnown, `an answer in the ledger that the phone does not know of: ${questionId}`)
      assert.deepEqual(ledger[at]?.choices, [plan.answers[ledger[at]?.index ?? 0]?.choice])
    }
    const standings = report.standings.map(({ rank, playerId, score }) => ({ rank, playerId, score }))
    await eventually(
      () => {
        const { top, me } = player.device.board
        assert.deepEqual(
          top.map(({ rank, playerId, score }) => ({ rank, playerId, score })),
          standings,
        )
        const own = standings.find((standing) => standing.playerId === playerId)
        assert.deepEqual(me, { rank: own?.rank, score: own?.score })
        return true
      },
      { what: 'the board of a phone is that of the ledger' },
    )
  }
}

/** What the server said that it has, by question. */
const receiptsOf = ({ outcomes }: Phone['player']) => {
  const receipts = outcomes.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]))
  return Map.groupBy(receipts, ({ questionId }) => questionId)
}

const compareWithEachOther = (phones: readonly Phone[]): void => {
  const witnesses = phones.flatMap((phone) => phone.witnesses)
  const history = historyOf(witnesses)
  for (const type of ['question.opened', 'question.closed']) {
    assert.equal(history.filter((event) => event.type === type).length, QUESTIONS, `${type} of every question`)
  }
  for (const phone of phones) {
    for (const [start, witness] of phone.witnesses.entries()) {
      // An app that was closed to be started again need not have seen the end.
      const last = start === phone.witnesses.length - 1 ? Number.POSITIVE_INFINITY : lastIdOf(witness.log)
      const faults = faultsOf(
        witness,
        history.filter(({ id }) => id <= last),
      )
      assert.deepEqual(faults, [], `${phone.plan.transport}, start ${start}`)
    }
  }
}

const lastIdOf = (log: readonly { readonly id?: string }[]): number =>
  Math.max(0, ...log.flatMap(({ id }) => (id === undefined ? [] : [Number(id)])))

const summaryOf = ({ kills }: Scenario, phones: readonly Phone[]): string => {
  const log = phones.flatMap(({ witnesses }) => witnesses.flatMap((witness) => witness.log))
  const count = (type: string) => log.filter((event) => event.type === type).length
  const replayed = log.reduce((sum, event) => sum + (event.type === 'stream.resumed' ? event.data.replayed : 0), 0)
  const reconnects = phones.reduce((sum, phone) => sum + phone.player.reconnects, 0)
  const accepted = phones.reduce((sum, { player }) => sum + receiptsOf(player).size, 0)
  return [
    `${phones.length} phones`,
    `${kills.length} edges killed`,
    `${reconnects} reconnects`,
    `${count('stream.resumed')} resumed with ${replayed} missed events`,
    `${count('session.snapshot')} snapshots`,
    `${accepted} answers accepted`,
  ].join(', ')
}
