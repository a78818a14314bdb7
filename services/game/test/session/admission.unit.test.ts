import t from 'tap'
import { admit, type JoinContext, type JoinRequest, type Player } from '../../session/admission.ts'
import { initialState } from '../../session/decide.ts'
import { defaultSettings, type Settings } from '../../session/settings.ts'
import type { SessionState } from '../../session/state.ts'

const lobby = initialState([20_000])
const open: SessionState = {
  ...lobby,
  phase: { status: 'question_open', index: 0, opensAt: 0, closesAt: 20_000, elapsedBeforeMs: 0 },
}
const over: SessionState = { ...lobby, phase: { status: 'finished', at: 1 } }

const room = (settings: Partial<Settings> = {}, state = lobby, playerCount = 0): JoinContext => ({
  state,
  settings: { ...defaultSettings, ...settings },
  playerCount,
  nextJoinOrder: playerCount + 1,
})

const ask = (userId: string | undefined, more: Partial<JoinRequest> = {}): JoinRequest => ({
  userId,
  name: userId,
  nickname: undefined,
  resume: false,
  newPlayerId: `player-of-${userId}`,
  tag: 'TAG2',
  ...more,
})

const player = (userId: string, more: Partial<Player> = {}): Player => ({
  playerId: `player-of-${userId}`,
  userId,
  nickname: userId,
  joinOrder: 1,
  status: 'joined',
  generation: 1,
  ...more,
})

const outcomes = (inside: JoinContext, asks: readonly JoinRequest[], known: readonly Player[] = []) =>
  admit(inside, asks, known).map((admission) =>
    admission.type === 'refused' ? admission.refusal.code : `${admission.type} ${admission.player.nickname}`,
  )

t.test('players get their seats in the order in which they came, up to the capacity', async (t) => {
  const admissions = admit(room({ maxParticipants: 2 }), [ask('Ada'), ask('Bob'), ask('Cleo')], [])
  t.match(admissions, [
    { type: 'joined', player: { nickname: 'Ada', joinOrder: 1, generation: 1 } },
    { type: 'joined', player: { nickname: 'Bob', joinOrder: 2 } },
    { type: 'refused', refusal: { code: 'session-full' } },
  ])
})

t.test('a user joins once, also within one batch', async (t) => {
  t.same(outcomes(room(), [ask('Ada'), ask('Ada'), ask('Ada', { resume: true })]), [
    'joined Ada',
    'already-joined',
    'resumed Ada',
  ])
})

t.test('a player who resumes is the same player with a newer token, whatever the state of the session', async (t) => {
  for (const state of [lobby, open, over, { ...lobby, locked: true }]) {
    const [resumed] = admit(
      room({ lateJoin: false, maxParticipants: 1 }, state, 1),
      [ask('Ada', { resume: true })],
      [player('Ada')],
    )
    t.match(resumed, { type: 'resumed', player: { playerId: 'player-of-Ada', generation: 2 } })
  }
})

t.test('who resumes without ever having joined joins', async (t) => {
  t.same(outcomes(room(), [ask('Ada', { resume: true })]), ['joined Ada'])
})

t.test('who left comes back if there is a seat, also where late joiners are not welcome', async (t) => {
  const left = player('Ada', { status: 'left' })
  t.same(outcomes(room({ lateJoin: false }, open), [ask('Ada'), ask('Bob')], [left]), ['returned Ada', 'late-join-off'])
  t.same(outcomes(room({ maxParticipants: 1 }, lobby, 1), [ask('Ada')], [left]), ['session-full'])
  t.same(outcomes(room({}, { ...lobby, locked: true }), [ask('Ada')], [left]), ['session-locked'])
})

t.test('who was removed stays out', async (t) => {
  const removed = player('Ada', { status: 'removed' })
  t.same(outcomes(room(), [ask('Ada'), ask('Ada', { resume: true })], [removed]), ['forbidden', 'forbidden'])
})

t.test('refusals come in the order of the list of errors', async (t) => {
  const joined = [player('Ada')]
  const everything = room({ maxParticipants: 1, lateJoin: false }, { ...open, locked: true }, 1)
  const bob = ask('Bob', { nickname: '' })
  t.same(outcomes(everything, [ask('Ada'), bob], joined), ['already-joined', 'session-locked'])
  t.same(outcomes({ ...everything, state: open }, [bob], joined), ['session-full'])
  t.same(outcomes({ ...everything, state: open, playerCount: 0 }, [bob], joined), ['late-join-off'])
  t.same(outcomes(room(), [bob], joined), ['nickname-invalid'])
  t.same(outcomes(room({ maxParticipants: 1 }, { ...over, locked: true }, 1), [bob], joined), ['session-over'])
})

t.test('guests come in only where guests are welcome', async (t) => {
  t.same(outcomes(room(), [ask(undefined)]), ['unauthorized'])
  t.same(outcomes(room({ access: 'guests' }), [ask(undefined), ask(undefined), ask('Ada')]), [
    'joined Player',
    'joined Player 2',
    'joined Ada',
  ])
})

t.test('a chosen nickname is taken or free; a default one is changed until it is free', async (t) => {
  const known = [player('Ada'), player('Other', { nickname: 'ADA 3' })]
  const asks = [
    ask('u1', { nickname: 'ada' }),
    ask('u2', { nickname: 'Zoë' }),
    ask('u3', { name: 'Ada' }),
    ask('u4', { name: 'zoë' }),
  ]
  const inside = { ...room({}, lobby, 1), nextJoinOrder: 1 }
  t.same(outcomes(inside, asks, known), ['nickname-invalid', 'joined Zoë', 'joined Ada TAG2', 'joined zoë 4'])
  t.match(admit(inside, asks.slice(0, 1), known), [{ refusal: { code: 'nickname-invalid', fault: 'taken' } }])
})
