import { type ReactNode, useEffect, useState } from 'react'
import type { AnswerContent, Player } from '#client'
import { useCountdown, usePlayer } from '#react'
import { ConnectionNotice } from '../shared/connection.tsx'
import { Footer, Heading } from '../shared/layout.tsx'
import { codeOf } from '../shared/problem.ts'
import { useLastQuestion } from '../shared/question.tsx'
import { useTexts } from '../shared/texts/index.ts'
import { createPlayClient, stream } from './client.ts'
import { forgetPlayer, keepContent, keepForReview, keepPlayer, keptContent } from './kept.ts'
import { Question } from './question.tsx'

interface Props {
  readonly code: string
  readonly player: Player
  readonly onPlayer: (player: Player) => void
  readonly onLeave: () => void
}

export const Game = ({ code, player, onPlayer, onLeave }: Props) => {
  const texts = useTexts()
  const { board, connection, answers, answer } = usePlayer(player)
  const question = useLastQuestion(board.question)
  const later = useLater()
  const isOver = board.status === 'finished' || board.status === 'cancelled'
  const ended = connection.status === 'closed' ? codeOf(connection.problem) : undefined

  useEffect(() => {
    if (isOver) keepForReview(code)
  }, [isOver, code])
  useEffect(() => {
    // Replaced by another tab: the token there is the one to keep.
    if (ended !== undefined && ended !== 'player-replaced' && !isOver) forgetPlayer(code)
  }, [ended, isOver, code])

  const leave = (): void => {
    forgetPlayer(code)
    if (isOver || ended !== undefined) player.close()
    else player.leave().catch(() => player.close())
    onLeave()
  }
  const playHere = async (): Promise<void> => {
    const resumed = await createPlayClient().resume(player, stream)
    keepPlayer(code, resumed)
    onPlayer(resumed)
  }
  const send = (questionId: string, content: AnswerContent): void => {
    keepContent(player.playerId, questionId, content)
    answer(questionId, content)
  }

  const content = (): ReactNode => {
    if (isOver)
      return later ? <later.End player={player} board={board} onLeave={leave} /> : <Message heading={texts.loading} />
    if (ended !== undefined) return <Ended code={ended} onPlayHere={playHere} onLeave={leave} />
    if (board.status === undefined) return <Message heading={texts.loading} />
    if (board.status === 'lobby') {
      return (
        <Message heading={texts.youAreIn(player.nickname)} name={player.nickname}>
          <p>{texts.waitForHost}</p>
          <p className="muted">{texts.players(board.playerCount)}</p>
        </Message>
      )
    }
    if (board.status === 'starting') return <Starting player={player} startsAt={board.startsAt} />
    const reveal = board.reveal
    if (board.question !== undefined) {
      const { questionId } = board.question
      const known = answers.get(questionId)
      const isCounted = board.answered.includes(questionId)
      const own =
        known ??
        (isCounted ? { content: keptContent(player.playerId, questionId), state: 'counted' as const } : undefined)
      return (
        <Question key={questionId} player={player} board={board} question={board.question} own={own} onAnswer={send} />
      )
    }
    if (reveal !== undefined && later !== undefined) {
      return (
        <later.Result
          player={player}
          board={board}
          reveal={reveal}
          question={question?.questionId === reveal.questionId ? question : undefined}
          own={answers.get(reveal.questionId)}
        />
      )
    }
    return <Message heading={board.status === 'paused' ? texts.paused : texts.loading} />
  }

  return (
    <>
      <ConnectionNotice connection={connection} />
      <main className="game">{content()}</main>
      {board.question === undefined && (
        <Footer>
          <span className="muted">
            <bdi>{player.nickname}</bdi>
          </span>
          {!isOver && ended === undefined && (
            <button type="button" className="button small" onClick={leave}>
              {texts.leave}
            </button>
          )}
        </Footer>
      )}
    </>
  )
}

const RETRY_MS = 2_000

/** What is shown from the first result on. It is loaded while the lobby or a question shows, so that these show sooner. */
const useLater = () => {
  const [later, setLater] = useState<typeof import('./later.ts')>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = (): Promise<void> =>
      import('./later.ts').then(setLater, () => {
        timer = setTimeout(load, RETRY_MS)
      })
    void load()
    return () => clearTimeout(timer)
  }, [])
  return later
}

const Message = ({
  heading,
  name,
  children,
}: {
  readonly heading: string
  readonly name?: string
  readonly children?: ReactNode
}) => (
  <div className="message stack">
    {name !== undefined && <Avatar name={name} />}
    <Heading about={heading}>{heading}</Heading>
    {children}
  </div>
)

const HUES = ['a', 'b', 'd', 'e', 'f'] as const

/** The first letter on a colour that belongs to the name. */
const Avatar = ({ name }: { readonly name: string }) => {
  const sum = [...name].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0)
  return (
    <span className={`avatar tile-${HUES[sum % HUES.length]}`} aria-hidden="true">
      {[...name][0]?.toUpperCase()}
    </span>
  )
}

const Starting = ({ player, startsAt }: { readonly player: Player; readonly startsAt: number | undefined }) => {
  const texts = useTexts()
  const seconds = useCountdown(player, startsAt)
  return (
    <div className="message stack">
      <Heading about="starting">{texts.startsIn}</Heading>
      <p className="big-number" role="timer" aria-label={texts.secondsLeft(seconds)}>
        <span key={seconds}>{seconds > 0 ? seconds : '…'}</span>
      </p>
    </div>
  )
}

interface EndedProps {
  readonly code: string
  readonly onPlayHere: () => Promise<void>
  readonly onLeave: () => void
}

const Ended = ({ code, onPlayHere, onLeave }: EndedProps) => {
  const texts = useTexts()
  const reasons: Readonly<Record<string, string>> = {
    'player-removed': texts.removed,
    'player-replaced': texts.replaced,
    'session-over': texts.sessionOver,
  }
  return (
    <Message heading={reasons[code] ?? texts.streamEnded}>
      {code === 'player-replaced' && (
        <button type="button" className="button primary" onClick={() => void onPlayHere().catch(onLeave)}>
          {texts.playHere}
        </button>
      )}
      <button type="button" className="button" onClick={onLeave}>
        {texts.joinAnother}
      </button>
    </Message>
  )
}
