import t from 'tap'
import type { PodiumEvent } from '#client'
import {
  canary,
  createGame,
  openNextQuestion,
  quizOf,
  rightChoice,
  waitUntil,
  wrongChoice,
} from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { startPodium } from './support/podium.ts'
import { runPython, withoutPython } from './support/python.ts'
import { createMessageJudge } from './support/schemas.ts'

t.test('a whole quiz', async (t) => {
  const podium = await startPodium(t)
  const game = await createGame(podium, {
    questions: 4,
    players: ['Ada', 'Bob', 'Cleo', 'Dan'],
    settings: { reveal: 'immediate' },
  })
  const [ada, bob, cleo, dan] = game.players
  if (!ada || !bob || !cleo || !dan) throw new Error('four players')
  const received = new Map(game.players.map((player) => [player.playerId, [] as PodiumEvent[]]))
  for (const player of game.players) player.on('*', (event) => received.get(player.playerId)?.push(event))
  const seenBy = (player: { playerId: string }) => received.get(player.playerId) ?? []

  const first = await openNextQuestion(game)

  await t.test('a correct answer raises the score, and every client sees it on the board', async (t) => {
    const score = ada.next('score.updated')
    const board = bob.next('leaderboard.updated', {
      where: ({ top }) => top.some(({ playerId, score }) => playerId === ada.playerId && score > 0),
    })
    const receipt = await ada.answer(first.questionId, { choice: rightChoice(0) })
    t.equal(receipt.questionId, first.questionId)
    t.match((await score).data, { questionId: first.questionId, correct: true, streak: 1 })
    const points = (await score).data.points
    t.ok(points > 500 && points <= 1_000, `${points} points`)
    t.match((await board).data.top[0], {
      rank: 1,
      playerId: ada.playerId,
      nickname: 'Ada',
      score: points,
      correctAnswers: 1,
    })
  })

  await t.test('a wrong answer earns nothing, and its player sees that', async (t) => {
    const score = bob.next('score.updated')
    await bob.answer(first.questionId, { choice: wrongChoice(0) })
    t.match((await score).data, { correct: false, points: 0, score: 0, streak: 0 })
  })

  await t.test('when the last player has answered the question closes at once with exact numbers', async (t) => {
    const closed = ada.next('question.closed')
    await cleo.answer(first.questionId, { choice: rightChoice(0) })
    await dan.answer(first.questionId, { choice: rightChoice(0) })
    t.match((await closed).data, {
      questionId: first.questionId,
      correct: rightChoice(0),
      answerCount: 4,
      distribution: [3, 1, 0, 0],
      explanation: canary(0),
    })
    t.ok(Date.now() < first.closesAt, 'well before its time was up')
  })

  await t.test('the other questions follow by themselves until the quiz is finished', async (t) => {
    const finished = Promise.all(game.players.map((player) => player.next('session.finished', { timeoutMs: 30_000 })))
    for (let index = 1; index < 4; index++) {
      const opened = await lastOpened(seenBy(ada), index)
      await waitUntil(opened.opensAt)
      await Promise.all([
        ada.answer(opened.questionId, { choice: rightChoice(index) }),
        bob.answer(opened.questionId, { choice: rightChoice(index) }, { via: 'http' }),
        cleo.answer(opened.questionId, { choice: wrongChoice(index) }),
        dan.answer(opened.questionId, { choice: wrongChoice(index) }),
      ])
    }
    const ends = await finished
    t.same(new Set(ends.map(({ data }) => JSON.stringify(data.top))).size, 1, 'the same podium for all')
    t.equal(ends[0]?.data.top[0]?.playerId, ada.playerId)
    t.match(ends[1]?.data.me, { rank: 2 })
  })

  await t.test('ledger, totals, board and edge agree', async (t) => {
    t.same(await podium.differences(game.session.sessionId), [])
    const results = await game.host.results(game.session.sessionId)
    const board = await game.host.leaderboard(game.session.sessionId)
    t.same(
      results.players.map(({ rank, playerId, score }) => ({ rank, playerId, score })),
      board.top.map(({ rank, playerId, score }) => ({ rank, playerId, score })),
    )
    t.same(
      results.questions.map(({ answerCount }) => answerCount),
      [4, 4, 4, 4],
    )
  })

  await t.test('positions grow, every question is opened and closed once, and all clients got the same', async (t) => {
    for (const player of game.players) {
      const ids = seenBy(player).flatMap(({ id }) => (id === undefined ? [] : [Number(id)]))
      t.same(
        ids,
        ids.toSorted((a, b) => a - b),
      )
      t.equal(new Set(ids).size, ids.length)
      for (const type of ['question.opened', 'question.closed']) {
        t.equal(seenBy(player).filter((event) => event.type === type).length, 4, `${type} for ${player.nickname}`)
      }
    }
    const shared = (player: { playerId: string }) =>
      JSON.stringify(seenBy(player).filter(({ type }) => type.startsWith('question.')))
    t.equal(shared(ada), shared(bob), 'over WebSocket and over SSE')
  })

  await t.test('nothing that a player received held a key before the question closed', async (t) => {
    for (const player of game.players) assertNoEarlyKey(t, seenBy(player))
  })

  await t.test('every message fits its schema', async (t) => {
    const judge = createMessageJudge()
    const faults = game.players
      .flatMap(seenBy)
      .map(judge)
      .filter((fault) => fault !== undefined)
    t.same(faults, [])
  })

  await t.test(
    'a client in another language plays beside ours, and loses its connection again and again',
    {
      skip: withoutPython,
    },
    async (t) => {
      const settings = { revealSeconds: 0, timeLimitSeconds: 60 }
      const { host, session, players } = await createGame(podium, { players: ['Ada', 'Pia'], settings, stream: 'none' })
      const [ours, pia] = players
      if (!ours || !pia) throw new Error('two players')
      const answer = { choice: 1 }
      ours.on('question.opened', ({ data }) => {
        ours.answer(data.questionId, answer, { deadlineMs: 30_000 }).catch(t.fail)
      })
      await ours.connect()
      const { questions } = quizOf(3)
      const answers = JSON.stringify(Object.fromEntries(questions.map(({ prompt }) => [prompt, answer])))
      const { sessionId } = session
      const theirs = runPython('play', podium.edgeUrl, sessionId, pia.token, answers)
      await host.control(sessionId, 'start')
      const shown = JSON.parse(await theirs)
      t.match(shown, { status: 'finished', pending: 0, answered: { length: questions.length } })
      t.ok(shown.drops > 2, `${shown.drops} connections were lost`)
      const { top } = await host.leaderboard(sessionId)
      t.same(
        shown.top,
        top.map(({ nickname, score }) => [nickname, score]),
      )
      t.same(await podium.differences(sessionId), [])
    },
  )
})

const lastOpened = (events: readonly PodiumEvent[], index: number) =>
  eventually(
    () => {
      for (const event of events) if (event.type === 'question.opened' && event.data.index === index) return event.data
      return undefined
    },
    { what: `question ${index} opens`, timeoutMs: 15_000 },
  )

/** No explanation and no `correct` of a question anywhere before its question.closed. */
const assertNoEarlyKey = (t: { notOk(value: unknown, message: string): unknown }, events: readonly PodiumEvent[]) => {
  const closed = new Set<number>()
  for (const event of events) {
    if (event.type === 'question.closed') closed.add(closed.size)
    const text = JSON.stringify(event)
    for (let index = closed.size; index < 4; index++) t.notOk(text.includes(canary(index)), `${event.type} has a key`)
    if (event.type === 'question.opened')
      t.notOk(/"correct|"key|"explanation/.test(text), 'an opened question has a key')
  }
}
