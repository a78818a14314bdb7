import { toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import t from 'tap'
import { codeOf, createClient, opened, type QuestionJson, quick, single } from '../support/client.ts'
import { score } from '../support/scoring.ts'
import { feedOf } from '../support/streams.ts'
import { createWorld, startCopy } from '../support/world.ts'

const questions: readonly QuestionJson[] = [
  single('One', 1, { points: 500, timeLimitSeconds: 7 }),
  { kind: 'multiple_choice', prompt: 'Many', options: ['a', 'b', 'c'], correct: [0, 2] },
  { kind: 'true_false', prompt: 'True', correct: false },
  { kind: 'fill_blank', prompt: 'Blank', correct: ['x', 'y'] },
]

t.test('content', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)

  await t.test('a quiz comes back to its host as it was, and to no other user', async (t) => {
    const quizId = await client.createQuiz(questions, 'Everything')
    const quiz = await client.getQuiz(quizId)
    t.equal(quiz.title, 'Everything')
    t.same(
      quiz.questions.map(({ correct }) => correct && toJson(ValueSchema, correct)),
      [1, [0, 2], false, ['x', 'y']],
    )
    t.match(quiz.questions[0], { kind: 'single_choice', points: 500, timeLimitSeconds: 7, options: ['a', 'b', 'c'] })
    t.equal(await codeOf(createClient(world, 'rival').getQuiz(quizId)), 'not-found')
    t.equal(await codeOf(createClient(world, 'rival').createSession(quizId)), 'not-found')
    await t.rejects(client.createSession('nonsense'), {
      code: 'not-found',
      errors: [{ pointer: '/quizId', code: 'not-found' }],
    })
  })

  await t.test('a bad quiz or bad settings are refused with every fault', async (t) => {
    await t.rejects(client.createQuiz([single('', 3)]), {
      code: 'malformed',
      errors: [
        { pointer: '/questions/0/prompt', code: 'minLength' },
        { pointer: '/questions/0/correct', code: 'maximum' },
      ],
    })
    const quizId = await client.createQuiz(questions)
    await t.rejects(client.createSession(quizId, { advance: 'sideways' }), {
      code: 'malformed',
      errors: [{ pointer: '/settings/advance', code: 'enum' }],
    })
  })

  await t.test('a quiz of 1000 questions becomes a session in no time', async (t) => {
    const quizId = await client.createQuiz(Array.from({ length: 1_000 }, (_, i) => single(`Q${i}`)))
    const startedAt = performance.now()
    const { sessionId } = await client.createSession(quizId, { ...quick, questionOrder: 'random' })
    t.ok(performance.now() - startedAt < 3_000)
    t.equal((await client.questionIds(sessionId)).questionIds.length, 1_000)
  })

  await t.test('options are shown in their shuffled order, and the key follows them', async (t) => {
    const quizId = await client.createQuiz([single('One', 1, { options: ['a', 'b', 'c', 'd', 'e', 'f'] })])
    for (let round = 0; round < 5; round += 1) {
      const { sessionId } = await client.createSession(quizId, { ...quick, optionOrder: 'random' })
      await client.control(sessionId, 'start')
      await opened(client, sessionId)
      await client.control(sessionId, 'end')
      const [question] = (await client.results(sessionId)).questions
      t.equal(
        question?.question?.options[
          question.reveal?.correct === undefined ? -1 : Number(toJson(ValueSchema, question.reveal.correct))
        ],
        'b',
      )
    }
  })

  await t.test('media of the next question are told before it, and nothing else of it', async (t) => {
    const media = { kind: 'audio', url: 'https://media.example.org/1.mp3' }
    const { sessionId } = await client.open([single('One', 0, { media }), single('Two')])
    await client.control(sessionId, 'start')
    await opened(client, sessionId)
    await client.control(sessionId, 'close')
    const feed = await feedOf(world.nc, sessionId)
    const starting = feed.find(({ event }) => event?.event.case === 'sessionStarting')
    t.match(starting?.state, { upcoming: { index: 0, media, optionMedia: [] }, question: undefined })
    const others = feed.filter((message) => message !== starting)
    t.same(
      others.flatMap(({ state }) => state?.upcoming ?? []),
      [],
      'not with the question itself, nor of one without media',
    )
  })

  await t.test('results are the ledger, ranked', async (t) => {
    const { sessionId } = await client.open(questions, { streakBonus: true, closeWhenAllAnswered: false })
    const ids = new Map<string, string>()
    const tokens = new Map<string, string>()
    for (const name of ['ada', 'bob', 'cleo', 'dan', 'gone', 'left']) {
      const { playerId, token } = await client.join(sessionId, name)
      ids.set(name, playerId)
      tokens.set(name, token)
    }
    const idOf = (name: string) => ids.get(name) ?? ''
    const answer = (name: string, points: number, elapsedMs: number, more = {}) => ({
      playerId: idOf(name),
      points,
      elapsedMs,
      correct: points > 0,
      ...more,
    })
    await score(world, sessionId, 0, [
      answer('ada', 400, 1_000, { choices: [1] }),
      answer('bob', 400, 1_000, { choices: [1] }),
      answer('cleo', 0, 500, { choices: [2] }),
      answer('gone', 500, 1, { choices: [1] }),
      answer('left', 300, 2_000, { choices: [1] }),
    ])
    await score(world, sessionId, 1, [
      answer('ada', 900, 3_000, { choices: [0, 2] }),
      answer('bob', 900, 3_000, { choices: [0, 2] }),
      answer('cleo', 900, 100, { choices: [0, 1] }),
    ])
    await score(world, sessionId, 3, [
      answer('ada', 0, 900, { choices: [], text: ' Z’s ' }),
      answer('bob', 0, 100, { choices: [], text: "z's" }),
    ])
    await client.remove(sessionId, idOf('gone'))
    await client.leave(tokens.get('left') ?? '')

    const early = await client.results(sessionId)
    t.match({ title: early.title, status: early.status }, { title: 'Quiz', status: 'lobby' })
    t.match(early.questions[0], { question: { prompt: 'One' }, reveal: { answerCount: 4 } })
    t.ok(early.questions.every(({ question, reveal }) => reveal?.kind === question?.kind))
    const told = early.questions.map(({ reveal, correctCount }) => reveal?.correct ?? correctCount)
    t.same([told, early.players.flatMap(({ answers }) => answers)], [[undefined, undefined, undefined, undefined], []])
    await client.control(sessionId, 'start')
    for (const index of questions.keys()) {
      await opened(client, sessionId, index)
      await client.control(sessionId, 'close')
      await client.control(sessionId, 'next')
    }

    const { players, questions: perQuestion, status } = await client.results(sessionId)
    t.equal(status, 'finished')
    t.same(
      players.map(({ rank, nickname, score, correctAnswers, correctMs }) => [
        rank,
        nickname,
        score,
        correctAnswers,
        correctMs,
      ]),
      [
        [1, 'ada', 1_350, 2, 4_000],
        [1, 'bob', 1_350, 2, 4_000],
        [3, 'cleo', 900, 1, 100],
        [4, 'left', 300, 1, 2_000],
        [5, 'dan', 0, 0, 0],
      ],
      'two in a row earn 50 more',
    )
    t.match(players[0]?.answers, [
      { questionIndex: 0, choices: [1], correct: true, points: 400, elapsedMs: 1_000 },
      { questionIndex: 1, choices: [0, 2], points: 900 },
      { questionIndex: 3, text: ' Z’s ', correct: false },
    ])
    t.match(perQuestion, [
      {
        question: { prompt: 'One' },
        reveal: { answerCount: 4, optionCounts: [0, 3, 1], correct: { kind: { value: 1 } } },
        correctCount: 3,
      },
      { reveal: { answerCount: 3, optionCounts: [3, 1, 2] }, correctCount: 3 },
      { reveal: { answerCount: 0, optionCounts: [0, 0], correct: { kind: { value: false } } }, correctCount: 0 },
      {
        reveal: {
          answerCount: 2,
          textCounts: [{ text: "z's", count: 2 }],
          correct: { kind: { value: { values: [{ kind: { value: 'x' } }, { kind: { value: 'y' } }] } } },
        },
      },
    ])
    t.equal(perQuestion[0]?.meanElapsedMs, (1_000 + 1_000 + 500 + 2_000) / 4, 'without the removed player')
    t.equal(perQuestion[2]?.meanElapsedMs, undefined)
  })
})
