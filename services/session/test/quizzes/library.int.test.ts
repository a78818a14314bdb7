import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import {
  type CommandReply,
  CopyQuizRequestSchema,
  DeleteQuizRequestSchema,
  ExportQuizRequestSchema,
  ImportQuizRequestSchema,
  ListQuizzesRequestSchema,
  ReplaceQuizRequestSchema,
} from '#gen/command_pb'
import type { CommandName } from '#platform/contract/subjects'
import { sendCommand } from '#platform/rpc'
import { codeOf, createClient, single } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('a library of quizzes', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const { nc, pool, issuer } = world
  const client = createClient(world)
  const library = (hostId = 'ada', roles = ['host']) => {
    const send = async <C extends Exclude<CommandReply['reply']['case'], 'problem' | undefined>, S extends DescMessage>(
      name: CommandName,
      expected: C,
      schema: S,
      request: MessageInitShape<S>,
    ) => {
      const token = await issuer.token({ sub: hostId, name: hostId, roles })
      return sendCommand(nc, name, toBinary(schema, create(schema, request)), expected, { token })
    }
    const correct = { kind: { case: 'boolValue', value: true } } as const
    const changed = { title: 'Changed', questions: [{ kind: 'true_false', prompt: 'Changed', correct }] }
    return {
      host: createClient(world, hostId),
      list: (page: { limit?: number; cursor?: string; query?: string; tag?: string } = {}) =>
        send('quiz-list', 'quizList', ListQuizzesRequestSchema, { limit: 20, ...page }),
      replace: (
        quizId: string,
        more: { title?: string; questions?: []; revisions?: number[]; anyRevision?: boolean },
      ) => send('quiz-replace', 'quiz', ReplaceQuizRequestSchema, { quizId, ...changed, ...more }),
      remove: (quizId: string) => send('quiz-delete', 'done', DeleteQuizRequestSchema, { quizId }),
      copy: (quizId: string, idempotencyKey?: string) =>
        send('quiz-copy', 'createQuiz', CopyQuizRequestSchema, {
          quizId,
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        }),
      export: (quizId: string, format: string) =>
        send('quiz-export', 'quizExport', ExportQuizRequestSchema, { quizId, format }),
      import: (format: string, content: string) =>
        send('quiz-import', 'importQuiz', ImportQuizRequestSchema, { format, content }),
    }
  }
  const titles = ({ items }: { items: { title: string }[] }) => items.map(({ title }) => title)
  const count = async (table: string, quizId: string): Promise<number> => {
    const { rows } = await pool.query(`SELECT count(*)::integer AS count FROM ${table} WHERE quiz_id = $1`, [quizId])
    return rows[0].count
  }

  await t.test('pages hold every quiz once, newest change first, while others are added', async (t) => {
    const { host, list, replace } = library('pager')
    const made: string[] = []
    for (let index = 0; index < 5; index += 1) made.push(await host.createQuiz([single('Q')], `Quiz ${index}`))
    await replace(made[1] ?? '', { title: 'Quiz 1 again', anyRevision: true })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ limit: 2, ...(cursor !== undefined && { cursor }) })
      seen.push(...titles(page))
      cursor = page.nextCursor
      await host.createQuiz([single('Q')], `Later ${seen.length}`)
    } while (cursor !== undefined)
    t.same(seen, ['Quiz 1 again', 'Quiz 4', 'Quiz 3', 'Quiz 2', 'Quiz 0'])
    t.match((await list({ limit: 1 })).items, [{ questionCount: 1, tags: [], language: undefined }])
    t.same((await library('other').list()).items, [])
    t.equal(await codeOf(list({ limit: 0 })), 'malformed')
    t.equal(await codeOf(list({ cursor: 'x' })), 'malformed')
    t.equal(await codeOf(library('ada', []).list()), 'forbidden')
  })

  await t.test('a search finds words of the title in any case, and a tag exactly', async (t) => {
    const { list, import: bring } = library('searcher')
    const question = { kind: 'true_false', prompt: 'x', correct: true }
    for (const [title, tags] of [
      ['Irregular Verbs I', ['grammar', 'B1']],
      ['Straße & Co, 100%', ['words']],
      ['Irregular nouns', ['grammar']],
    ] as const) {
      await bring(
        'podium',
        JSON.stringify({ format: 'podium', version: 1, title, tags, language: 'en', questions: [question] }),
      )
    }
    t.same(titles(await list({ query: 'irreg' })), ['Irregular nouns', 'Irregular Verbs I'])
    t.same(titles(await list({ query: '  VERBS irregular ' })), ['Irregular Verbs I'])
    t.same(titles(await list({ query: 'strasse' })), ['Straße & Co, 100%'])
    t.same(titles(await list({ query: '0%' })), ['Straße & Co, 100%'])
    t.same(titles(await list({ query: '%_' })), [])
    t.same(titles(await list({ tag: 'grammar' })), ['Irregular nouns', 'Irregular Verbs I'])
    t.same(titles(await list({ tag: 'grammar', query: 'verbs' })), ['Irregular Verbs I'])
    t.same(titles(await list({ tag: 'gram' })), [])
    t.match((await list({ tag: 'B1' })).items, [{ tags: ['grammar', 'B1'], language: 'en' }])
  })

  await t.test('a change needs the revision it was made of, and there is one winner', async (t) => {
    const { host, replace } = library()
    const quizId = await host.createQuiz([single('One'), single('Two')], 'First')
    t.equal((await host.getQuiz(quizId)).revision, 1)
    t.equal(await codeOf(replace(quizId, {})), 'precondition-required')
    t.equal(await codeOf(replace(quizId, { revisions: [2] })), 'precondition-failed')
    const results = await Promise.all([1, 2, 3].map(() => codeOf(replace(quizId, { revisions: [1] }))))
    t.same(results.toSorted(), ['accepted', 'precondition-failed', 'precondition-failed'])
    const changed = await host.getQuiz(quizId)
    t.match(changed, { revision: 2, title: 'Changed', questions: [{ prompt: 'Changed' }] })
    t.ok(changed.updatedAtMs > changed.createdAtMs)
    t.equal(await count('questions', quizId), 1, 'what no session has is not kept')
    t.equal(await codeOf(replace(quizId, { revisions: [2], questions: [] })), 'malformed')
    const rival = library('rival')
    t.equal(await codeOf(rival.replace(quizId, { anyRevision: true })), 'not-found')
    t.equal(await codeOf(rival.remove(quizId)), 'not-found')
    t.equal(await codeOf(rival.copy(quizId)), 'not-found')
    t.equal(await codeOf(rival.export(quizId, 'podium')), 'not-found')
  })

  await t.test('sessions keep the questions they were created with, whatever becomes of the quiz', async (t) => {
    const { host, replace, remove } = library()
    const quizId = await host.createQuiz([single('One'), single('Two')], 'First')
    const first = await host.createSession(quizId)
    await replace(quizId, { revisions: [1] })
    const second = await host.createSession(quizId)
    await replace(quizId, { revisions: [2], title: 'Third' })
    t.equal(await count('questions', quizId), 4, 'two of the first session, one of the second, one of now')
    await remove(quizId)
    const prompts = async (sessionId: string) =>
      (await host.results(sessionId)).questions.map(({ question }) => question?.prompt)
    t.same(await prompts(first.sessionId), ['One', 'Two'])
    t.same(await prompts(second.sessionId), ['Changed'])
    t.equal(await count('questions', quizId), 3)
    t.equal(await codeOf(host.getQuiz(quizId)), 'not-found')
    t.equal(await codeOf(host.createSession(quizId)), 'not-found')
    t.equal(await codeOf(remove(quizId)), 'not-found')
    await host.control(first.sessionId, 'start')
    t.equal((await host.get(first.sessionId)).status, 'starting')
  })

  await t.test('a session that is created while its quiz changes has all questions of one of the two', async (t) => {
    const { host, replace, remove } = library()
    const quizId = await host.createQuiz([single('One'), single('Two')], 'First')
    let revision = 1
    const change = async () => {
      for (; revision <= 5; revision += 1) await replace(quizId, { revisions: [revision] })
    }
    const created = await Promise.all([change(), ...Array.from({ length: 10 }, () => host.createSession(quizId))])
    for (const session of created.slice(1)) {
      const { questionIds } = await host.questionIds(session?.sessionId ?? '')
      const { questions } = await host.results(session?.sessionId ?? '')
      t.equal(questions.length, questionIds.length)
    }
    const [, ...late] = await Promise.all([
      remove(quizId),
      ...[1, 2, 3].map(() => host.createSession(quizId).catch(({ code }) => code)),
    ])
    for (const outcome of late) {
      if (typeof outcome === 'string') t.equal(outcome, 'not-found')
      else t.ok((await host.results(outcome.sessionId)).questions.length > 0)
    }
  })

  await t.test('a quiz that was never played is gone when it is deleted', async (t) => {
    const { host, remove } = library()
    const quizId = await host.createQuiz([single('One')])
    await remove(quizId)
    t.equal((await pool.query('SELECT FROM quizzes WHERE id = $1', [quizId])).rowCount, 0)
  })

  await t.test('a copy is a quiz of its own, and one for a key', async (t) => {
    const { host, copy, remove } = library()
    const quizId = await host.createQuiz([single('One')], 'First')
    const copies = await Promise.all([copy(quizId, 'k'), copy(quizId, 'k')])
    t.equal(copies[0]?.quizId, copies[1]?.quizId)
    await remove(quizId)
    t.equal((await copy(quizId, 'k')).quizId, copies[0]?.quizId, 'also when the original is gone')
    t.match(await host.getQuiz(copies[0]?.quizId ?? ''), {
      title: 'First',
      revision: 1,
      questions: [{ prompt: 'One' }],
    })
  })

  await t.test('an export is imported again without loss', async (t) => {
    const { host, export: take, import: bring } = library()
    const quizId = await host.createQuiz([single('One', 1, { points: 5 })], 'First')
    const { quizId: again } = await bring('podium', (await take(quizId, 'podium')).content)
    const [before, after] = [await host.getQuiz(quizId), await host.getQuiz(again)]
    const comparable = ({ title, questions }: typeof before) => [
      title,
      questions.map((each) => ({ ...each, questionId: '' })),
    ]
    t.same(comparable(after), comparable(before))
    t.equal(await codeOf(take(quizId, 'pdf')), 'malformed')
  })

  t.equal(await codeOf(client.getQuiz('nonsense')), 'not-found')
})
