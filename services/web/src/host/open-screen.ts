import type { PodiumClient } from '#client'
import { handOverToScreen } from '../shared/screen-token.ts'

/** Opens the wall's page, which gets a token of its own: it may look, and nothing else. Rejects when there is none. */
export const openScreen = (client: PodiumClient, sessionId: string): Promise<void> => {
  const display = client.createDisplay(sessionId)
  const handedOver = handOverToScreen(sessionId, display)
  // At once: a browser opens a page only while the button is being pressed.
  window.open(`/screen/${encodeURIComponent(sessionId)}`, '_blank', 'noopener')
  return handedOver
}
