import { fromBinary, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { FeedMessageSchema } from '#gen/feed_pb'
import { isOver } from '../../../game/session/phase.ts'
import type { Phase, SessionState } from '../../../game/session/state.ts'
import { stateFromFeed } from '../../recovery/state-from-feed.ts'
import { feedMessage } from '../../sessions/feed-message.ts'
import type { Session } from '../../sessions/session.ts'
import type { ShownQuestion } from '../../sessions/shown-questions.ts'

const tally = { answerCount: 2, optionCounts: [1, 1], textCounts: [{ text: 'owl', count: 2, isFiltered: true }] }
const open = { index: 1, opensAt: 1_000, closesAt: 21_000, elapsedBeforeMs: 250 }
const before: SessionState = {
  epoch: 4,
  phaseEpoch: 4,
  phase: { status: 'lobby' },
  locked: false,
  removed: [],
  revealed: null,
  timeLimitsMs: [20_000, 20_000],
}

const phases: readonly Phase[] = [
  { status: 'lobby' },
  { status: 'starting', startsAt: 5_000 },
  { status: 'question_open', ...open },
  { status: 'question_closing', ...open, followedBy: 'reveal' },
  { status: 'question_closed', index: 0, nextAt: null },
  { status: 'question_closed', index: 0, nextAt: 9_000 },
  { status: 'paused', reasons: ['host', 'host-lost'], held: { status: 'starting', remainingMs: 300 } },
  { status: 'paused', reasons: ['host'], held: { status: 'question_open', question: open, remainingMs: 7_000 } },
  { status: 'paused', reasons: ['host'], held: { status: 'question_closed', index: 0, remainingMs: null } },
  { status: 'finished', at: 8_000 },
  { status: 'cancelled', at: 8_000, revealedCount: 1 },
]

const questions = [0, 1].map(
  (index): ShownQuestion =>
    ({
      index,
      questionId: `question-${index}`,
      kind: 'single_choice',
      prompt: 'p',
      options: ['a', 'b'],
      optionOrder: [0, 1],
      key: { options: [0] },
      points: 1_000,
      timeLimitMs: 20_000,
      textVersion: 2,
    }) as unknown as ShownQuestion,
)

for (const phase of phases) {
  t.test(`a session that is ${phase.status} has the state again that its feed was made of`, async (t) => {
    const hasReveal =
      phase.status === 'question_closed' || (phase.status === 'paused' && phase.held.status === 'question_closed')
    const revealed = hasReveal || phase.status === 'cancelled' ? { index: 0, tally } : null
    const state: SessionState = { ...before, epoch: 9, phaseEpoch: 9, phase, locked: true, removed: ['eve'], revealed }
    const session = {
      sessionId: 's',
      hostId: 'h',
      title: 't',
      joinCode: 'c',
      questionCount: 2,
      playerCount: 3,
      state,
    } as Session
    const sent = toBinary(FeedMessageSchema, feedMessage({ session, questions }, 1_500))
    const restored = stateFromFeed(fromBinary(FeedMessageSchema, sent), before)
    t.same(restored, state)
    t.equal(restored && isOver(restored), phase.status === 'finished' || phase.status === 'cancelled')
  })
}

t.test('a message that does not say enough restores nothing', async (t) => {
  const session = { sessionId: 's', state: { ...before, epoch: 9 } } as Session
  const message = feedMessage({ session, questions }, 1_500)
  t.equal(stateFromFeed({ ...message, state: undefined } as never, before), undefined)
  if (message.state !== undefined) message.state.status = 'question_open'
  t.equal(stateFromFeed(message, before), undefined)
})
