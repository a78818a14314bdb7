/** The token of a screen, on its way from the host's tab to the screen's, and then kept there: in no URL, and gone with the tab. */
export interface ScreenToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const channelOf = (sessionId: string): BroadcastChannel => new BroadcastChannel(`podium.screen.${sessionId}`)
const keyOf = (sessionId: string): string => `podium.screen.${sessionId}`

/** How long the host's tab answers a screen that asks. */
const ANSWER_MS = 60_000

/** The host's side: answers the screen that asks. */
export const handOverToScreen = (sessionId: string, { token, expiresAt }: ScreenToken): void => {
  const channel = channelOf(sessionId)
  channel.onmessage = ({ data }) => {
    if (data === 'ask') channel.postMessage({ token, expiresAt } satisfies ScreenToken)
  }
  setTimeout(() => channel.close(), ANSWER_MS)
}

export const keptScreenToken = (sessionId: string): string | undefined => {
  const kept = JSON.parse(sessionStorage.getItem(keyOf(sessionId)) ?? 'null') as ScreenToken | null
  return kept !== null && kept.expiresAt > Date.now() ? kept.token : undefined
}

export const keepScreenToken = (sessionId: string, token: ScreenToken): void =>
  sessionStorage.setItem(keyOf(sessionId), JSON.stringify(token))

/** The screen's side. Returns the function that stops listening. */
export const askForScreenToken = (sessionId: string, onToken: (token: ScreenToken) => void): (() => void) => {
  const channel = channelOf(sessionId)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'object' && data !== null && 'token' in data) onToken(data as ScreenToken)
  }
  channel.postMessage('ask')
  return () => channel.close()
}
