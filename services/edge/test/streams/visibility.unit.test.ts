import { create, type MessageInitShape } from '@bufbuild/protobuf'
import t from 'tap'
import { type SessionState, SessionStateSchema } from '#gen/feed_pb'
import { hiddenQuestion, type Viewer, visibleState } from '../../streams/visibility.ts'

const state = (settings: MessageInitShape<typeof SessionStateSchema>['settings']): SessionState =>
  create(SessionStateSchema, {
    settings,
    reveal: {
      textCounts: [
        { text: 'was', count: 2 },
        { text: 'rude', count: 1, isFiltered: true },
      ],
    },
  })

t.test(
  'typed answers are visible by the setting showTypedAnswers, and by the word filter to the host only',
  async (t) => {
    const texts = (showTypedAnswers: string | undefined, viewer: Viewer) =>
      visibleState(state(showTypedAnswers === undefined ? {} : { showTypedAnswers }), viewer).reveal?.textCounts.map(
        ({ text }) => text,
      )
    t.same(
      [undefined, 'host', 'everyone', 'none'].map((setting) => [texts(setting, 'host'), texts(setting, 'player')]),
      [
        [['was', 'rude'], []],
        [['was', 'rude'], []],
        [['was', 'rude'], ['was']],
        [[], []],
      ],
    )
  },
)

t.test('a state with nothing to hide is not copied', async (t) => {
  const plain = create(SessionStateSchema, { reveal: { optionCounts: [1, 2] } })
  for (const viewer of ['host', 'player'] as const) t.equal(visibleState(plain, viewer), plain)
})

t.test('the open question hides its results with reveal on_close only', async (t) => {
  const open = (reveal: string) => create(SessionStateSchema, { settings: { reveal }, question: { index: 3 } })
  t.equal(hiddenQuestion(open('on_close'))?.index, 3)
  t.equal(hiddenQuestion(open('immediate')), undefined)
  t.equal(hiddenQuestion(undefined), undefined)
})
