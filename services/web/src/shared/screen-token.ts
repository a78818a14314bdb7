import type { Display } from '#client'

/**
 * The token of a screen, on its way from the host's tab to the screen's, and then kept there: in no URL, and gone with the tab. It is
 * good for looking at one session.
 */

const channelOf = (sessionId: string): BroadcastChannel => new BroadcastChannel(`podium.screen.${sessionId}`)
const keyOf = (sessionId: string): string => `podium.screen.${sessionId}`

/** How long the host's tab answers a screen that asks. */
const ANSWER_MS = 60_000

/** The host's side: answers the screen that asks. Rejects when there is no token. */
export const handOverToScreen = async (sessionId: string, display: Promise<Display>): Promise<void> => {
  const channel = channelOf(sessionId)
  channel.onmessage = ({ data }) => {
    if (data === 'ask') void display.then((token) => channel.postMessage(token)).catch(() => undefined)
  }
  setTimeout(() => channel.close(), ANSWER_MS)
  await display
}

export const keptScreenToken = (sessionId: string): string | undefined => {
  const kept = JSON.parse(sessionStorage.getItem(keyOf(sessionId)) ?? 'null') as Display | null
  return kept !== null && kept.expiresAt > Date.now() ? kept.token : undefined
}

export const keepScreenToken = (sessionId: string, token: Display): void =>
  sessionStorage.setItem(keyOf(sessionId), JSON.stringify(token))

/** The screen's side. Returns the function that stops listening. */
export const askForScreenToken = (sessionId: string, onToken: (token: Display) => void): (() => void) => {
  const channel = channelOf(sessionId)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'object' && data !== null && 'token' in data) onToken(data as Display)
  }
  channel.postMessage('ask')
  return () => channel.close()
}
