export const sessionPath = (idOrCode: string, rest = ''): string =>
  `/v1/sessions/${encodeURIComponent(idOrCode)}${rest}`

export interface BoardOptions {
  /** Entries from the top. Default 10. */
  readonly limit?: number
  /** Also the entries next to the player's own. */
  readonly around?: 'me'
}

export const leaderboardPath = (sessionId: string, { limit, around }: BoardOptions = {}): string => {
  const query = [
    ...(limit === undefined ? [] : [`limit=${limit}`]),
    ...(around === undefined ? [] : [`around=${around}`]),
  ].join('&')
  return `/v1/sessions/${encodeURIComponent(sessionId)}/leaderboard${query === '' ? '' : `?${query}`}`
}
