import { randomUUID } from 'node:crypto'
import { openRaw } from '../raw-connection.ts'
import type { Target, TargetGame } from '../target.ts'
import { ask, attacksOf, head, openGame, outcome, postOf, summary } from './attack.ts'

/**
 * What one client can do to a whole school: work that costs far more than its request, crowds that come from one address, and
 * texts made for children to see. measure.ts measures what other games notice of the first two kinds.
 */

/** Marks that are in the wrong order; putting them right costs the square of their number. */
export const misordered = (marks: number): string => `a${'\u0315'.repeat(marks / 2)}${'\u0316'.repeat(marks / 2)}`

/** Addresses of attackers: what counts against them must not count against the other attacks. */
const address = (last: number): string => `127.66.0.${last}`

export const joinAs = (game: Pick<TargetGame, 'sessionId'>, body: object, ...headers: readonly string[]): string =>
  postOf(`/v1/sessions/${game.sessionId}/join`, JSON.stringify(body), ...headers)

const hostPost = async (target: Target, path: string, body: object): Promise<string> =>
  outcome(await target.http('POST', path, { token: await target.token('Expensive', ['host']), body }))

/** As long as an import may be, of two options that differ at their end only. */
export const importOf = (piece: string, bytes: number) => {
  const long = piece.repeat(bytes / 2 / Buffer.byteLength(piece))
  const results = [{ type: 'multiple', question: 'x', correct_answer: `${long}a`, incorrect_answers: [`${long}b`] }]
  return { format: 'opentdb', title: 'Expensive', content: JSON.stringify({ response_code: 0, results }) }
}

const EXPENSIVE = 'Work that costs more than its request'

export const expensiveAttacks = attacksOf(EXPENSIVE, [
  [
    'a nickname of 80,000 marks in the wrong order, as a guest where guests play',
    '400 malformed',
    async (target) =>
      ask(
        target,
        joinAs(await target.game({ settings: { access: 'guests' } }), { nickname: misordered(80_000) }),
        address(1),
      ),
  ],
  [
    'the same where only users play',
    '400 malformed',
    async (target) => ask(target, joinAs((await openGame(target)).game, { nickname: misordered(80_000) }), address(1)),
  ],
  [
    'a nickname of 200 such marks',
    '400 nickname-invalid',
    async (target) =>
      ask(
        target,
        joinAs(await target.game({ settings: { access: 'guests' } }), { nickname: misordered(198) }),
        address(1),
      ),
  ],
  [
    'a typed answer of 1,900 marks in the wrong order',
    '400 malformed',
    async (target) => {
      const { game, questionId } = await openGame(target)
      return outcome(await game.answer((await game.join()).token, { questionId, text: misordered(1_900) }))
    },
  ],
  [
    'twenty readings of the same results at once',
    '200',
    async (target) => {
      const { game } = await openGame(target)
      const read = () => target.http('GET', `/v1/sessions/${game.sessionId}/results`, { token: game.hostToken })
      return summary((await Promise.all(Array.from({ length: 20 }, read))).map(outcome))
    },
  ],
])

/** Each starts a worker thread, which takes seconds on a machine that is busy with a whole test run: by hand only. */
export const importAttacks = attacksOf(EXPENSIVE, [
  [
    'an import of two options of a megabyte each',
    '400 malformed',
    (target) => hostPost(target, '/v1/quizzes/import', importOf('a', 2_000_000)),
  ],
  [
    'the same of marks in the wrong order',
    '400 malformed',
    (target) => hostPost(target, '/v1/quizzes/import', importOf('\u0315\u0316', 2_000_000)),
  ],
])

const BURST = 400

/** What comes of many requests at once from one address: those that were refused for what they are, and whether a limit came. */
const burst = async (target: Target, count: number, request: () => string, from: string): Promise<string> => {
  const outcomes: string[] = []
  for (let sent = 0; sent < count; sent += 40) {
    outcomes.push(...(await Promise.all(Array.from({ length: 40 }, () => ask(target, request(), from)))))
  }
  return [...new Set(outcomes)].sort().join(', ')
}

/** By hand only: they need the limits of production, which the stack of `make test` raises for the fuzzer, and keep others waiting. */
export const crowdAttacks = attacksOf('Crowds from one address', [
  [
    'four hundred guesses of join codes; then a pupil of the same address with a token',
    '400 session-not-found, 429 rate-limited; 200',
    async (target) => {
      const game = await target.game()
      const guessed = await burst(target, BURST, () => postOf('/v1/sessions/AAAAAA/join', '{}'), address(2))
      const token = `Authorization: Bearer ${await target.token(`Pupil ${randomUUID()}`)}`
      return `${guessed}; ${await ask(target, joinAs(game, {}, token), address(2))}`
    },
  ],
  [
    'sixty guests in a session of a hundred seats; then one of another address',
    '200, 409 too-many-guests; 200',
    async (target) => {
      const game = await target.game({ settings: { access: 'guests', maxParticipants: 100 } })
      const request = () => joinAs(game, { nickname: `G${randomUUID().slice(0, 8)}` })
      const crowd = await burst(target, 80, request, address(3))
      return `${crowd}; ${await ask(target, request(), address(4))}`
    },
  ],
  [
    'a join that any web page could send',
    '415 unsupported-media-type',
    async (target) => {
      const game = await target.game({ settings: { access: 'guests' } })
      const line = `POST /v1/sessions/${game.sessionId}/join HTTP/1.1`
      return ask(target, `${head(line, 'Content-Type: text/plain', 'Content-Length: 2')}{}`, address(5))
    },
  ],
  [
    '1,200 answers with forged tokens; then an answer with a good one',
    '401 unauthorized, 429 rate-limited; 202',
    async (target) => {
      const { game, questionId, answersPath } = await openGame(target)
      const { token } = await game.join()
      const body = () => JSON.stringify({ answerId: randomUUID(), questionId, choice: 0 })
      const forged = () =>
        postOf(answersPath, body(), `Authorization: Bearer ${token.slice(0, -9)}${randomUUID().slice(0, 8)}A`)
      const refused = await burst(target, 1_200, forged, address(6))
      // One that this edge has verified already: it costs nothing, and no limit of others counts for it.
      await game.answer(token, { questionId, choice: 9 })
      return `${refused}; ${await ask(target, postOf(answersPath, body(), `Authorization: Bearer ${token}`), address(6))}`
    },
  ],
])

/** Frames of a player that name what is right, while the question is open and guests have tried each of its options. */
const tellTales = async (target: Target): Promise<string> => {
  const game = await target.game({ settings: { reveal: undefined } })
  const { questionId } = await game.start()
  const heard: Buffer[] = []
  for (const choice of [0, 1, 2, 3]) {
    const { token } = await game.join()
    const connection = await openRaw(target.port)
    connection.write(head(`GET /v1/sessions/${game.sessionId}/events HTTP/1.1`, `Authorization: Bearer ${token}`))
    await connection.quiet(200)
    await game.answer(token, { questionId, choice })
    await connection.quiet(1_000)
    connection.destroy()
    heard.push(connection.received())
  }
  const told = heard.join('').match(/"correct":|"points":[1-9]\d*,"total"|"score":[1-9]/)
  return told === null ? 'nothing' : `told: ${told[0]}`
}

export const deceitAttacks = attacksOf('What players are shown', [
  ['one guest for each option, with the settings that a session has by itself', 'nothing', tellTales],
  ...(
    [
      ['an escape sequence in a typed answer', '\u001b[2J'],
      ['a turned direction in a typed answer', '\u202eevil'],
    ] as const
  ).map(
    ([name, text]) =>
      [
        name,
        '400 answer-invalid',
        async (target: Target) => {
          const game = await target.game({ questions: [{ kind: 'fill_blank', prompt: 'I ___', correct: ['am'] }] })
          const { questionId } = await game.start()
          return outcome(await game.answer((await game.join()).token, { questionId, text }))
        },
      ] as const,
  ),
  [
    'a nickname that looks like another player’s, and one of stacked marks',
    '400 nickname-invalid',
    async (target) => {
      const game = await target.game({ settings: { access: 'guests' } })
      await ask(target, joinAs(game, { nickname: 'Paul' }), address(7))
      const names = ['Рaul', 'Pau1', 'P\u200baul', `P${'\u0301\u0302\u0303\u0304\u0306'}aul`]
      const joins = names.map((nickname) => ask(target, joinAs(game, { nickname }), address(7)))
      return summary(await Promise.all(joins))
    },
  ],
  [
    'media on addresses that are no public names',
    '400 malformed',
    async (target) => {
      const urls = [
        'http://x.example/a.png',
        'https://10.0.0.1/a.png',
        'https://[::1]/a.png',
        'https://u:p@x.example/a.png',
        'https://localhost/a',
      ]
      const question = { kind: 'true_false', prompt: 'Is it?', correct: true }
      const posts = urls.map((mediaUrl) =>
        hostPost(target, '/v1/quizzes', { title: 'Media', questions: [{ ...question, mediaUrl }] }),
      )
      return summary(await Promise.all(posts))
    },
  ],
])
