import { type CSSProperties, useRef } from 'react'
import type { Entry } from '#client'
import { formatted, useTexts } from './texts/index.ts'

interface Props {
  readonly top: readonly Entry[]
  readonly rows: number
  readonly playerId?: string | undefined
}

/**
 * The leaderboard. Every player keeps its element and only moves it, by a transform, so that many changes of rank cost no layout and
 * nothing around them jumps. The list for screen readers is in order of rank.
 */
export const Board = ({ top, rows, playerId }: Props) => {
  const texts = useTexts()
  const shown = top.slice(0, rows)
  const places = usePlaces(shown, rows)
  return (
    <div className="board-frame">
      <ol className="visually-hidden">
        {shown.map(({ playerId: id, rank, nickname, score }) => (
          <li key={id}>
            {rank}. <bdi>{nickname}</bdi>, {texts.points(score)}
          </li>
        ))}
      </ol>
      <div className="board" aria-hidden="true" style={{ '--rows': rows } as CSSProperties}>
        {places.map(({ entry, at, isOut }) => (
          <div
            key={entry.playerId}
            className={`place ${isOut ? 'out' : ''} ${entry.playerId === playerId ? 'mine' : ''}`}
            style={{ '--at': at } as CSSProperties}
          >
            <div className="line">
              <span className="rank">{entry.rank}</span>
              <bdi>{entry.nickname}</bdi>
              {/* Another score is another element: text that grows towards its start would count as moved. */}
              <span className="score" key={entry.score}>
                {formatted(entry.score)}
              </span>
            </div>
          </div>
        ))}
      </div>
    </div>
  )
}

interface Place {
  readonly entry: Entry
  readonly at: number
  readonly isOut: boolean
}

/** In an order that never changes; who fell off the board leaves it below. Twice the rows at most are kept. */
const usePlaces = (shown: readonly Entry[], rows: number): readonly Place[] => {
  const kept = useRef(new Map<string, Place>())
  const next = new Map<string, Place>()
  for (const [id, { entry }] of kept.current) next.set(id, { entry, at: rows, isOut: true })
  for (const [at, entry] of shown.entries()) next.set(entry.playerId, { entry, at, isOut: false })
  for (const [id, { isOut }] of next) if (isOut && next.size > rows * 2) next.delete(id)
  kept.current = next
  return [...next.values()]
}
