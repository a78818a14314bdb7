import type { BoardState, Player } from '#client'
import { Heading } from '../shared/layout.tsx'
import { Podium } from '../shared/podium.tsx'
import { useTexts } from '../shared/texts/index.ts'
import { Review } from './review.tsx'

interface Props {
  readonly player: Player
  readonly board: BoardState
  readonly onLeave: () => void
}

export const End = ({ player, board, onLeave }: Props) => {
  const texts = useTexts()
  const { me, top, playerCount, status } = board
  if (status === 'cancelled') {
    return (
      <div className="message stack">
        <Heading about="end">{texts.cancelled}</Heading>
        <button type="button" className="button primary" onClick={onLeave}>
          {texts.joinAnother}
        </button>
      </div>
    )
  }
  return (
    <div className="end stack">
      <Heading about="end">{texts.finished}</Heading>
      <Podium top={top} />
      {me !== undefined && (
        <p className="standing card" role="status">
          <strong>{texts.finalRank(me.rank, playerCount)}</strong>
          <span className="muted">{texts.points(me.score)}</span>
        </p>
      )}
      <Review player={player} />
      <button type="button" className="button" onClick={onLeave}>
        {texts.joinAnother}
      </button>
    </div>
  )
}
