import type { PublicQuestion, QuestionReveal, SessionSettings, SessionState } from '#gen/feed_pb'
import type { Principal } from '#platform/tokens/token-verifier'

/** The role in which a client watches a session: its host sees more than the players. */
export type Viewer = 'host' | 'player'

/** A display shows what every player may see. */
export const viewerOf = ({ kind }: Pick<Principal, 'kind'>): Viewer => (kind === 'user' ? 'host' : 'player')

/** The open question when its results must not show before it closes; undefined otherwise. */
export const hiddenQuestion = (state: SessionState | undefined): PublicQuestion | undefined =>
  state?.settings?.reveal === 'on_close' ? state.question : undefined

/**
 * A session's state as a viewer may see it: the same object when there is nothing to hide. Whatever a client gets
 * of a state, live, replayed, in a snapshot or over HTTP, is made of this.
 */
export const visibleState = (state: SessionState, viewer: Viewer): SessionState => {
  const { reveal, settings } = state
  if (reveal === undefined || reveal.textCounts.length === 0) return state
  const textCounts = visibleTexts(reveal, settings, viewer)
  return textCounts === reveal.textCounts ? state : { ...state, reveal: { ...reveal, textCounts } }
}

/** By the setting `showTypedAnswers`; players never get what the word filter refuses. */
const visibleTexts = (
  { textCounts }: QuestionReveal,
  settings: SessionSettings | undefined,
  viewer: Viewer,
): QuestionReveal['textCounts'] => {
  const shownTo = settings?.showTypedAnswers ?? 'host'
  if (shownTo === 'none') return []
  if (viewer === 'host') return textCounts
  return shownTo === 'everyone' ? textCounts.filter(({ isFiltered }) => !isFiltered) : []
}
