import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newAnswerId, PodiumProblem } from '#client'
import { createGame, openNextQuestion, rightChoice, wrongChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startPodium } from './support/podium.ts'

const MANUAL = { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 60, reveal: 'immediate' }

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (err: unknown) =>
      err instanceof PodiumProblem ? { status: err.status, code: err.code } : { status: -1, code: `${err}` },
  )

t.test('an answer counts once', async (t) => {
  // One edge: at the same instant two may both accept an answer, of which the ledger counts one (faults.e2e.test.ts).
  const podium = await startPodium(t, { copies: { session: 2, worker: 2, edge: 1 }, partitions: 2 })

  await t.test('sent five times over HTTP and WebSocket it has one result and one effect', async (t) => {
    const game = await createGame(podium, { players: ['Ada', 'Bob'], settings: MANUAL })
    const ada = game.players[0]
    if (!ada) throw new Error('no Ada')
    const { questionId } = await openNextQuestion(game)
    const answerId = newAnswerId()
    const send = (via: 'http' | 'ws') => ada.answer(questionId, { choice: rightChoice(0) }, { answerId, via })
    const receipts = await Promise.all([send('http'), send('ws'), send('http'), send('ws'), send('http')])
    t.equal(new Set(receipts.map(({ receivedAt }) => receivedAt)).size, 1, 'one receivedAt')
    const board = await eventually(async () => {
      const { me } = await ada.leaderboard({ around: 'me' })
      return me !== undefined && me.score > 0 ? me : undefined
    })
    t.equal(board.correctAnswers, 1)

    await t.test('also after the question closed', async (t) => {
      const closed = await game.host.control(game.session.sessionId, 'close')
      t.equal(closed.status, 'question_closed')
      t.same(await send('http'), receipts[0])
      const late = ada.answer(questionId, { choice: rightChoice(0) }, { via: 'http' })
      t.same(await problemOf(late), { status: 400, code: 'already-answered' })
      const reused = ada.answer(questionId, { choice: wrongChoice(0) }, { answerId, via: 'http' })
      t.same(await problemOf(reused), { status: 422, code: 'answer-id-reused' })
      const bob = game.players[1]?.answer(questionId, { choice: 0 }, { via: 'http' })
      t.same(await problemOf(bob ?? Promise.resolve()), { status: 409, code: 'question-closed' })
    })
    const results = await game.host.results(game.session.sessionId)
    t.equal(results.questions[0]?.answerCount, 1)
    t.same(await podium.differences(game.session.sessionId), [])
  })

  await t.test('two different answers: the first wins, the second is refused', async (t) => {
    const game = await createGame(podium, { players: ['Eve', 'Flo'], settings: MANUAL })
    const eve = game.players[0]
    if (!eve) throw new Error('no Eve')
    const { questionId } = await openNextQuestion(game)
    await eve.answer(questionId, { choice: wrongChoice(0) }, { via: 'http' })
    const second = eve.answer(questionId, { choice: rightChoice(0) }, { via: 'ws' })
    t.same(await problemOf(second), { status: 400, code: 'already-answered' })

    await t.test('and of eight at the same moment exactly one', async (t) => {
      const flo = game.players[1]
      if (!flo) throw new Error('no Flo')
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          problemOf(flo.answer(questionId, { choice: n % 4 }, { via: 'http', answerId: newAnswerId() })),
        ),
      )
      t.equal(outcomes.filter((problem) => problem === undefined).length, 1)
      t.equal(outcomes.filter((problem) => problem?.code === 'already-answered').length, 7)
    })
    await eventually(async () => (await game.host.results(game.session.sessionId)).questions[0]?.answerCount === 2)
    t.same(await podium.differences(game.session.sessionId), [])
  })

  await t.test('two players who choose the same answerId both count', async (t) => {
    const game = await createGame(podium, { players: ['Gus', 'Hal'], settings: MANUAL })
    const { questionId } = await openNextQuestion(game)
    const answerId = newAnswerId()
    await Promise.all(game.players.map((player) => player.answer(questionId, { choice: 0 }, { answerId })))
    await eventually(async () => (await game.host.results(game.session.sessionId)).questions[0]?.answerCount === 2)
    t.same(await podium.differences(game.session.sessionId), [])
  })

  await t.test('a lost Redis comes back equal to the ledger, in the middle of a game', async (t) => {
    const game = await createGame(podium, { players: ['Ida', 'Jan', 'Kim'], settings: MANUAL })
    const [ida, jan, kim] = game.players
    if (!ida || !jan || !kim) throw new Error('three players')
    const { questionId } = await openNextQuestion(game)
    await ida.answer(questionId, { choice: rightChoice(0) })
    await eventually(async () => (await ida.leaderboard()).top[0]?.score)
    await podium.stack.process('redis').kill('SIGKILL')
    await jan.answer(questionId, { choice: rightChoice(0) })
    await podium.stack.process('redis').ready()
    await kim.answer(questionId, { choice: wrongChoice(0) })
    await eventually(async () => (await podium.differences(game.session.sessionId)).length === 0, { timeoutMs: 20_000 })
    const top = await eventually(
      async () => {
        const { top } = await kim.leaderboard()
        return top.filter(({ score }) => score > 0).length === 2 ? top : undefined
      },
      { timeoutMs: 10_000 },
    )
    t.same(
      top.map(({ nickname }) => nickname),
      ['Ida', 'Jan', 'Kim'],
    )
    await sleep(0)
  })
})
