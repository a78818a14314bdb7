import { type ReactNode, useEffect, useState } from 'react'
import { type BoardState, createClient, type EventStream, keyOf, type PublicQuestion } from '#client'
import { useBoard, useConnected, useConnection, useCountdown, useSnapshot } from '#react'
import { Board } from '../shared/board.tsx'
import { apiUrl } from '../shared/config.ts'
import { ConnectionNotice } from '../shared/connection.tsx'
import { Countdown } from '../shared/countdown.tsx'
import { Brand } from '../shared/layout.tsx'
import { Podium } from '../shared/podium.tsx'
import { problemText } from '../shared/problem.ts'
import { Qr } from '../shared/qr.tsx'
import { optionTexts, QuestionMedia, useLastQuestion } from '../shared/question.tsx'
import { Distribution, keyText } from '../shared/reveal.tsx'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { Mark, tileClass } from '../shared/tiles.tsx'

interface Props {
  readonly sessionId: string
  readonly token: string
}

const ROWS = 8

export const Wall = ({ sessionId, token }: Props) => {
  const [stream, setStream] = useState<EventStream>()
  useEffect(() => {
    const opened = createClient({ baseUrl: apiUrl, token }).watch(sessionId)
    setStream(opened)
    return () => opened.close()
  }, [sessionId, token])
  useConnected(stream)
  return stream === undefined ? null : <Show stream={stream} />
}

const Show = ({ stream }: { readonly stream: EventStream }) => {
  const texts = useDeskTexts()
  const board = useBoard(stream)
  const connection = useConnection(stream)
  const snapshot = useSnapshot(stream)
  const question = useLastQuestion(board?.question)
  const seconds = useCountdown(stream, board?.startsAt)

  const content = (): ReactNode => {
    if (board?.status === undefined || snapshot === undefined) {
      return (
        <h1 className="centre">
          {connection.status === 'closed' ? problemText(connection.problem, texts) : texts.loading}
        </h1>
      )
    }
    const { status, reveal } = board
    if (status === 'lobby')
      return <Lobby stream={stream} joinCode={snapshot.joinCode} playerCount={board.playerCount} />
    if (status === 'starting') {
      return (
        <div className="centre">
          <h1>{texts.startsIn}</h1>
          <p className="huge" role="timer" aria-label={texts.secondsLeft(seconds)}>
            <span key={seconds}>{seconds > 0 ? seconds : '…'}</span>
          </p>
        </div>
      )
    }
    if (status === 'cancelled') return <h1 className="centre">{texts.cancelled}</h1>
    if (status === 'finished') {
      return (
        <div className="finale">
          <h1>{texts.theEnd}</h1>
          <Podium top={board.top} />
        </div>
      )
    }
    if (board.question !== undefined) {
      return (
        <OpenQuestion
          stream={stream}
          question={board.question}
          isPaused={status === 'paused'}
          progress={board.progress}
        />
      )
    }
    return (
      <div className="halves">
        <section className="stack">
          {question !== undefined && reveal?.questionId === question.questionId && (
            <>
              <h1 dir="auto">{question.prompt}</h1>
              <p className="key">
                <bdi>{keyText(question, keyOf(reveal), texts)}</bdi>
              </p>
              {reveal.explanation !== undefined && <p dir="auto">{reveal.explanation}</p>}
              <Distribution question={question} reveal={reveal} />
            </>
          )}
          {status === 'paused' && <p className="notice">{texts.paused}</p>}
        </section>
        <section className="stack">
          <h2>{texts.leaderboard}</h2>
          <Board top={board.top} rows={ROWS} />
        </section>
      </div>
    )
  }

  return (
    <>
      <ConnectionNotice connection={connection} />
      <header className="wall-head">
        <Brand />
        <bdi>{snapshot?.title}</bdi>
        <span className={`code ${board?.status === 'finished' ? 'past' : ''}`}>{snapshot?.joinCode}</span>
      </header>
      <main className="wall">{content()}</main>
    </>
  )
}

interface LobbyProps {
  readonly stream: EventStream
  readonly joinCode: string
  readonly playerCount: number
}

const MOST_NAMES = 40

const Lobby = ({ stream, joinCode, playerCount }: LobbyProps) => {
  const texts = useDeskTexts()
  const names = useNames(stream)
  const url = `${location.origin}/play/${joinCode}`
  return (
    <div className="halves lobby">
      <section className="stack invite">
        <h1>{texts.joinNow}</h1>
        <Qr text={url} label={url} />
        <p>
          <strong>{location.host}/play</strong> {texts.withCode}
        </p>
        <p className="code join-code">{joinCode}</p>
      </section>
      <section className="stack">
        <p className="crowd">
          <strong>{texts.players(playerCount)}</strong> {texts.peopleIn}
        </p>
        <ul className="names">
          {names.map((name, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two players may have the same name
            <li key={`${name}-${index}`}>
              <bdi>{name}</bdi>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

/** Who came in while the screen was there; a snapshot has their number only. */
const useNames = (stream: EventStream): readonly string[] => {
  const [names, setNames] = useState<readonly string[]>([])
  useEffect(
    () =>
      stream.on('lobby.updated', ({ data: { joined, left } }) =>
        setNames((before) => {
          const next = [...before]
          for (const name of left) {
            const at = next.indexOf(name)
            if (at >= 0) next.splice(at, 1)
          }
          return [...next, ...joined].slice(-MOST_NAMES)
        }),
      ),
    [stream],
  )
  return names
}

interface OpenProps {
  readonly stream: EventStream
  readonly question: PublicQuestion
  readonly isPaused: boolean
  readonly progress: BoardState['progress']
}

const OpenQuestion = ({ stream, question, isPaused, progress }: OpenProps) => {
  const texts = useDeskTexts()
  const { index, count, prompt, closesAt, timeLimitMs } = question
  return (
    <div className="open">
      <p className="row apart of">
        <span>{texts.questionOf(index + 1, count)}</span>
        <span role="status">{progress !== undefined && texts.answeredOf(progress.answered, progress.players)}</span>
      </p>
      <h1 dir="auto">{prompt}</h1>
      <QuestionMedia question={question} />
      <ul className="big-tiles">
        {optionTexts(question, texts).map((text, at) => (
          <li key={text} className={tileClass(at)}>
            <Mark index={at} />
            <bdi>{text}</bdi>
          </li>
        ))}
      </ul>
      {isPaused ? (
        <p className="notice">{texts.paused}</p>
      ) : (
        <Countdown clock={stream} endsAt={closesAt} totalMs={timeLimitMs} />
      )}
    </div>
  )
}
