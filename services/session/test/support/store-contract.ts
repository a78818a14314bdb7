import type { Test } from 'tap'
import { newId } from '#platform/ids'
import type { Player } from '../../../game/session/admission.ts'
import { initialState } from '../../../game/session/decide.ts'
import { dueAt } from '../../../game/session/phase.ts'
import { defaultSettings } from '../../../game/session/settings.ts'
import type { Phase, SessionState } from '../../../game/session/state.ts'
import type { Query } from '../../database.ts'
import type { OutboxTable } from '../../outbox/outbox.ts'
import type { LockedSession, NewSession, SessionStore } from '../../sessions/session.ts'

/** What a store of sessions is tested with. */
export interface Stores {
  readonly sessions: SessionStore
  readonly outbox: OutboxTable
  /** Of a quiz that exists, with one question. */
  readonly quizId: string
  readonly questionId: string
  /** For `create`. */
  inside<T>(work: (query: Query) => Promise<T>): Promise<T>
}

const CREATED_AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

const playerOf = (nickname: string, joinOrder: number, userId?: string): Player => ({
  playerId: newId(),
  userId,
  nickname,
  joinOrder,
  status: 'joined',
  generation: 1,
})

/** What both stores, Postgres and the one in memory, must do; what the interleavings find depends on their being alike. */
export const testSessionStore = (t: Test, stores: Stores): void => {
  const { sessions, outbox, quizId, questionId } = stores
  let codes = 0

  const newSession = (change: Partial<NewSession> = {}): NewSession => {
    codes += 1
    const question = { index: 0, questionId, kind: 'single_choice', optionOrder: [0, 1], points: 1_000 } as const
    return {
      sessionId: newId(),
      quizId,
      quizRevision: 1,
      hostId: 'host',
      title: 'Quiz',
      joinCode: `CODE${String(codes).padStart(2, '0')}`,
      settings: defaultSettings,
      seed: 1,
      questions: [{ ...question, key: { options: [0] }, timeLimitMs: 20_000 }],
      scoringVersion: 1,
      textVersion: 1,
      questionCount: 1,
      unscored: [],
      playerCount: 0,
      countedAt: 0,
      nextJoinOrder: 1,
      state: initialState([20_000]),
      createdAt: CREATED_AT,
      ...change,
    }
  }
  const create = (session: NewSession): Promise<boolean> => stores.inside((query) => sessions.create(session, query))
  const created = async (change?: Partial<NewSession>): Promise<NewSession> => {
    const session = newSession(change)
    await create(session)
    return session
  }
  const move = async (locked: LockedSession, phase: Phase): Promise<SessionState> => {
    const { sessionId, state: before } = locked.session
    const state = { ...before, epoch: before.epoch + 1, phaseEpoch: before.epoch + 1, phase }
    const message = { subject: `feed.${sessionId}`, payload: Buffer.from(`epoch ${state.epoch}`) }
    await locked.record({ events: [], state, messages: [message] })
    return state
  }
  const moveTo = (sessionId: string, phase: Phase) => sessions.locked(sessionId, (locked) => move(locked, phase))
  const seat = (sessionId: string, joined: readonly Player[]) =>
    sessions.locked(sessionId, (locked) => locked.seat({ joined, returned: [], resumed: [], names: [], messages: [] }))

  t.test('a live session has its join code to itself, and one that is over frees it', async (t) => {
    const first = await created()
    const { joinCode } = first
    const second = newSession({ joinCode })
    t.equal(await create(second), false)
    t.equal(await sessions.find(second.sessionId), undefined, 'nothing is stored')
    t.same(await outbox.waiting(second.sessionId, 10), [])
    t.equal((await sessions.findDoor(joinCode))?.sessionId, first.sessionId)
    t.match(await sessions.findDoor(first.sessionId), { sessionId: first.sessionId, access: first.settings.access })
    await moveTo(first.sessionId, { status: 'cancelled', at: CREATED_AT })
    t.equal(await create(second), true)
  })

  t.test('a session is found as it was created, with the message that says so', async (t) => {
    const session = await created()
    t.match(await sessions.find(session.sessionId), {
      hostId: 'host',
      joinCode: session.joinCode,
      settings: defaultSettings,
      state: session.state,
      playerCount: 0,
    })
    t.equal((await outbox.waiting(session.sessionId, 10)).length, 1)
    t.same(await sessions.questionIds(session.sessionId), [questionId])
    t.equal(await sessions.find(newId()), undefined)
    t.equal(await sessions.locked(newId(), async () => 'ran'), undefined)
  })

  t.test('steps on a session run one after the other', async (t) => {
    const { sessionId, state } = await created()
    const phases = ['one', 'two', 'three'].map((_, at) => ({ status: 'starting', startsAt: at }) as const)
    await Promise.all(phases.map((phase) => moveTo(sessionId, phase)))
    t.equal((await sessions.find(sessionId))?.state.epoch, state.epoch + 3)
    const waiting = await outbox.waiting(sessionId, 10)
    t.same(
      waiting.slice(1).map(({ payload }) => payload.toString()),
      [1, 2, 3].map((step) => `epoch ${state.epoch + step}`),
      'their messages wait in the order of the steps',
    )
    await outbox.delete(waiting.slice(0, 3).map(({ id }) => id))
    t.equal((await outbox.waiting(sessionId, 10)).length, 1)
  })

  t.test('a step that fails leaves nothing behind and lets the next one in', async (t) => {
    const session = await created()
    const { sessionId } = session
    const failed = sessions.locked(sessionId, async (locked) => {
      await move(locked, { status: 'starting', startsAt: 1 })
      await locked.seat({ joined: [playerOf('Ada', 1)], returned: [], resumed: [], names: [], messages: [] })
      throw new RangeError('no')
    })
    await t.rejects(failed, { message: 'no' })
    t.match(await sessions.find(sessionId), { state: session.state, playerCount: 0, nextJoinOrder: 1 })
    t.equal((await outbox.waiting(sessionId, 10)).length, 1)
    t.equal((await moveTo(sessionId, { status: 'starting', startsAt: 1 }))?.epoch, session.state.epoch + 1)
  })

  t.test('players are found by id, user and nickname, and counted while they are there', async (t) => {
    const { sessionId } = await created()
    const [ada, bob] = [playerOf('Ada', 1, 'user-ada'), playerOf('Bób', 2)]
    await seat(sessionId, [ada, bob])
    t.match(await sessions.find(sessionId), { playerCount: 2, nextJoinOrder: 3 })
    const idsOf = async (known: Partial<Parameters<LockedSession['findPlayers']>[0]>) => {
      const found = await sessions.locked(sessionId, (locked) =>
        locked.findPlayers({ playerIds: [], userIds: [], nicknameKeys: [], ...known }),
      )
      return found?.map(({ playerId }) => playerId).toSorted()
    }
    t.same(await idsOf({ userIds: ['user-ada', 'user-unknown'] }), [ada.playerId])
    t.same(await idsOf({ nicknameKeys: ['bób', 'cleo'] }), [bob.playerId])
    t.same(
      await idsOf({ playerIds: [ada.playerId], nicknameKeys: ['ada', 'bób'] }),
      [ada.playerId, bob.playerId].sort(),
    )
    t.match(await sessions.roster(sessionId, [bob.playerId, newId()]), [{ playerId: bob.playerId, nickname: 'Bób' }])
    const counts = await sessions.playerCounts([sessionId, newId()])
    t.same([...counts.keys()], [sessionId])
    t.match(counts.get(sessionId), { playerCount: 2, countedAt: (await sessions.find(sessionId))?.countedAt })
  })

  t.test('a player who leaves and comes back has a new generation and counts again', async (t) => {
    const { sessionId } = await created()
    const ada = playerOf('Ada', 1)
    await seat(sessionId, [ada])
    t.same(await sessions.generations(sessionId), [])
    const before = await sessions.find(sessionId)
    const gone = await sessions.locked(sessionId, (locked) => locked.unseat([ada], 'left', []))
    t.match(await sessions.find(sessionId), { playerCount: 0, countedAt: gone?.countedAt })
    t.ok((gone?.countedAt ?? 0) > (before?.countedAt ?? 0), 'the newer count says so')
    t.match(await sessions.generations(sessionId), [{ playerId: ada.playerId, generation: 1, status: 'left' }])
    const left = { ...ada, status: 'left' } as const
    await sessions.locked(sessionId, (locked) => locked.unseat([left], 'removed', []))
    t.equal((await sessions.find(sessionId))?.playerCount, 0, 'who was not there is not counted off')
    const returned = [{ ...ada, generation: 2 }]
    const again = await sessions.locked(sessionId, (locked) =>
      locked.seat({ joined: [], returned, resumed: [], names: [], messages: [] }),
    )
    t.match(await sessions.find(sessionId), { playerCount: 1, nextJoinOrder: 2, countedAt: again?.countedAt })
    const found = await sessions.locked(sessionId, (locked) => locked.findPlayer(ada.playerId))
    t.match(found, { status: 'joined', generation: 2, joinOrder: 1 })
  })

  t.test('no player, no question that all have answered', async (t) => {
    const { sessionId } = await created()
    const everyoneAnswered = () => sessions.locked(sessionId, (locked) => locked.everyoneAnswered(0))
    t.equal(await everyoneAnswered(), false)
    await seat(sessionId, [playerOf('Ada', 1)])
    t.equal(await everyoneAnswered(), false)
  })

  t.test('a session is due once its deadline has passed, in the phase that set it', async (t) => {
    const { sessionId } = await created()
    t.notOk(
      (await sessions.due(Date.now(), 1_000)).some((due) => due.sessionId === sessionId),
      'a lobby waits',
    )
    const state = await moveTo(sessionId, { status: 'starting', startsAt: CREATED_AT })
    const deadline = state && dueAt(state)
    const dueBefore = async (time = 0) => (await sessions.due(time, 1_000)).filter((due) => due.sessionId === sessionId)
    t.same(await dueBefore(deadline), [])
    t.same(await dueBefore((deadline ?? 0) + 1), [{ sessionId, phaseEpoch: state?.phaseEpoch }])
    t.same(await sessions.phaseEpochs([sessionId, newId()]), new Map([[sessionId, state?.phaseEpoch]]))
  })

  t.test('only an open question that closes when all have answered is watched', async (t) => {
    const open = { status: 'question_open', index: 0, opensAt: 1, closesAt: 2, elapsedBeforeMs: 0 } as const
    const [watched, patient, lobby] = [
      await created(),
      await created({ settings: { ...defaultSettings, closeWhenAllAnswered: false } }),
      await created(),
    ]
    await moveTo(watched.sessionId, open)
    await moveTo(patient.sessionId, open)
    await seat(watched.sessionId, [playerOf('Ada', 1)])
    const ids = [watched, patient, lobby].map(({ sessionId }) => sessionId)
    t.same(await sessions.watchedQuestions(ids), [{ sessionId: watched.sessionId, index: 0, playerCount: 1 }])
  })

  t.test("a host's sessions are listed newest first, from any place, by status", async (t) => {
    const hostId = `host ${newId()}`
    const listed = []
    for (const createdAt of [1, 2, 2, 3]) listed.push(await created({ hostId, createdAt: CREATED_AT + createdAt }))
    await created({ hostId: `another ${hostId}` })
    const list = (change: Partial<Parameters<SessionStore['ofHost']>[0]> = {}) =>
      sessions.ofHost({ hostId, status: undefined, before: undefined, limit: 10, ...change })
    const all = await list()
    t.same(
      all.map(({ createdAt }) => createdAt - CREATED_AT),
      [3, 2, 2, 1],
    )
    t.same(new Set(all.map(({ sessionId }) => sessionId)), new Set(listed.map(({ sessionId }) => sessionId)))
    t.same(await list({ limit: 2 }), all.slice(0, 2))
    const { createdAt: at = 0, sessionId: id = '' } = all[1] ?? {}
    t.same(await list({ before: { at, id } }), all.slice(2), 'also between two of the same time')
    await moveTo(all[0]?.sessionId ?? '', { status: 'cancelled', at: CREATED_AT })
    t.same(
      (await list({ status: 'lobby' })).map(({ sessionId }) => sessionId),
      all.slice(1).map(({ sessionId }) => sessionId),
    )
  })
}
