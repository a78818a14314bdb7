import { useCallback, useEffect, useRef, useState } from 'react'
import type { ListedPlayer, PodiumClient } from '#client'
import type { HostView } from '#react'
import { problemText } from '../shared/problem.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { useLoaded } from './use-loaded.ts'

interface Props {
  readonly client: PodiumClient
  readonly sessionId: string
  readonly host: HostView
  /** In the lobby the names are what there is to see; in a question the list is out of the way. */
  readonly isOpen: boolean
}

/** The most that the API has in a page. */
const PAGE = 100
/** A class that joins at once is a few requests, not one for each of them. */
const REFRESH_MS = 400

/** Who plays, who has no connection at the moment, and a button that removes a player. */
export const Players = ({ client, sessionId, host, isOpen }: Props) => {
  const texts = useDeskTexts()
  const [pages, setPages] = useState(1)
  const playerCount = host.board?.playerCount ?? 0
  const { connectedCount, disconnected } = host.presence ?? {}
  const change = useThrottled(`${playerCount} ${connectedCount} ${disconnected}`, REFRESH_MS)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change is a reason to load again
  const list = useLoaded(useCallback(() => load(client, sessionId, pages), [client, sessionId, pages, change]))

  const remove = async ({ playerId, nickname }: ListedPlayer): Promise<void> => {
    if (!confirm(texts.removePlayerSure(nickname))) return
    await host.removePlayer(playerId)
    list.reload()
  }

  const players = list.value?.players.filter(({ removed }) => !removed) ?? []
  return (
    <details className="card players-card" open={isOpen}>
      <summary>
        <h2>{texts.playersTitle}</h2> <span className="muted">{playerCount}</span>
      </summary>
      <p role="alert" className="error">
        {list.problem !== undefined && problemText(list.problem, texts)}
      </p>
      {list.value !== undefined && players.length === 0 && <p className="muted">{texts.nobodyYet}</p>}
      <ul className="players">
        {players.map((player) => (
          <li key={player.playerId} className={player.connected ? '' : 'away'}>
            <span className="dot" aria-hidden="true" />
            <bdi>{player.nickname}</bdi>
            {!player.connected && <span className="muted">{texts.notConnected}</span>}
            <button
              type="button"
              aria-label={texts.removePlayer(player.nickname)}
              title={texts.removePlayer(player.nickname)}
              onClick={() => void remove(player)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {list.value?.hasMore && (
        <button type="button" className="button small" onClick={() => setPages(pages + 1)}>
          {texts.more}
        </button>
      )}
    </details>
  )
}

const load = async (client: PodiumClient, sessionId: string, pages: number) => {
  const players: ListedPlayer[] = []
  let cursor: string | undefined
  for (let page = 0; page < pages; page++) {
    const { items, nextCursor } = await client.players(sessionId, { limit: PAGE, ...(cursor && { cursor }) })
    players.push(...items)
    cursor = nextCursor
    if (cursor === undefined) break
  }
  return { players, hasMore: cursor !== undefined }
}

/** The value as it was at most `ms` ago; it changes once in that time. */
const useThrottled = <T,>(value: T, ms: number): T => {
  const [shown, setShown] = useState(value)
  const newest = useRef(value)
  newest.current = value
  const isBehind = shown !== value
  // biome-ignore lint/correctness/useExhaustiveDependencies: behind still, when the value changed again meanwhile
  useEffect(() => {
    if (!isBehind) return
    const timer = setTimeout(() => setShown(newest.current), ms)
    return () => clearTimeout(timer)
  }, [isBehind, shown, ms])
  return shown
}
