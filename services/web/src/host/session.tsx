import { type ReactNode, useState } from 'react'
import { type HostCommand, keyOf, type PodiumClient, type PublicQuestion } from '#client'
import { type HostView, useCountdown, useHost } from '#react'
import { Board } from '../shared/board.tsx'
import { ConnectionNotice } from '../shared/connection.tsx'
import { Countdown } from '../shared/countdown.tsx'
import { Heading } from '../shared/layout.tsx'
import { problemText } from '../shared/problem.ts'
import { Qr } from '../shared/qr.tsx'
import { optionTexts, useLastQuestion } from '../shared/question.tsx'
import { Distribution, keyText } from '../shared/reveal.tsx'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { Mark } from '../shared/tiles.tsx'
import { openScreen } from './open-screen.ts'
import { Players } from './players.tsx'
import { ResultsView } from './results.tsx'

interface Props {
  readonly client: PodiumClient
  readonly sessionId: string
}

export const SessionPage = ({ client, sessionId }: Props) => {
  const texts = useDeskTexts()
  const host = useHost(client, sessionId)
  const { board, session, connection } = host
  const question = useLastQuestion(board?.question)
  const [screenProblem, setScreenProblem] = useState<unknown>()
  const showScreen = (): void => {
    setScreenProblem(undefined)
    openScreen(client, sessionId).catch(setScreenProblem)
  }
  const shownProblem = host.problem ?? screenProblem
  if (board === undefined || session === undefined || board.status === undefined) {
    return (
      <main className="page">
        <ConnectionNotice connection={connection} />
        <Heading about={sessionId}>
          {connection.status === 'closed' ? problemText(connection.problem, texts) : texts.loading}
        </Heading>
      </main>
    )
  }
  const { status } = board
  const isOver = status === 'finished' || status === 'cancelled'
  return (
    <main className="page stack session">
      <ConnectionNotice connection={connection} />
      <div className="row apart">
        <Heading about={sessionId}>
          <bdi>{session.title}</bdi>
        </Heading>
        <p className="row">
          <span className="badge">{texts.status[status]}</span>
          {!isOver && <span className="code">{session.joinCode}</span>}
          <span className="muted">
            {host.presence === undefined
              ? texts.players(board.playerCount)
              : texts.connectedOf(host.presence.connectedCount, board.playerCount)}
          </span>
        </p>
      </div>
      {!isOver && <Controls host={host} onScreen={showScreen} />}
      <p role="alert" className="error">
        {shownProblem !== undefined && problemText(shownProblem, texts)}
      </p>
      {isOver ? (
        <ResultsView client={client} sessionId={sessionId} status={status} />
      ) : (
        <div className="desk">
          <div className="stack">
            {status === 'lobby' && <Invitation joinCode={session.joinCode} />}
            {status === 'starting' && <Starting host={host} />}
            {board.question !== undefined && <OpenQuestion host={host} question={board.question} />}
            {board.question === undefined && board.reveal !== undefined && (
              <section className="card stack">
                {question?.questionId === board.reveal.questionId && (
                  <>
                    <h2 className="prompt" dir="auto">
                      {question.prompt}
                    </h2>
                    <p className="muted">{keyText(question, keyOf(board.reveal), texts)}</p>
                    <Distribution question={question} reveal={board.reveal} />
                  </>
                )}
                <p>{texts.answers(board.reveal.answerCount)}</p>
              </section>
            )}
          </div>
          <aside className="stack">
            {status !== 'lobby' && status !== 'starting' && (
              <section className="stack">
                <h2>{texts.leaderboard}</h2>
                <Board top={board.top} rows={Math.min(8, Math.max(1, board.top.length))} />
              </section>
            )}
            <Players client={client} sessionId={sessionId} host={host} isOpen={status === 'lobby'} />
          </aside>
        </div>
      )}
    </main>
  )
}

const Controls = ({ host, onScreen }: { readonly host: HostView; readonly onScreen: () => void }) => {
  const texts = useDeskTexts()
  const status = host.board?.status
  const button = (command: HostCommand, label: string, className = '', question?: string): ReactNode => (
    <button
      type="button"
      className={`button ${className}`}
      disabled={host.pending !== undefined}
      onClick={() => {
        if (question === undefined || confirm(question)) void host.control(command)
      }}
    >
      {label}
    </button>
  )
  const isRunning = status !== 'lobby'
  return (
    <div className="controls row" role="toolbar" aria-label={texts.host}>
      {status === 'lobby' && button('start', texts.start, 'primary')}
      {status === 'question_open' && button('close', texts.closeQuestion, 'primary')}
      {status === 'question_closed' && button('next', texts.next, 'primary')}
      {status === 'paused' && button('resume', texts.resume, 'primary')}
      {(status === 'question_open' || status === 'question_closed') && button('pause', texts.pause)}
      {host.board?.locked ? button('unlock', texts.unlock) : button('lock', texts.lock)}
      <button type="button" className="button" onClick={onScreen}>
        {texts.openScreen}
      </button>
      {isRunning
        ? button('end', texts.end, 'danger', texts.endSure)
        : button('cancel', texts.cancelSession, 'danger', texts.cancelSure)}
    </div>
  )
}

const Invitation = ({ joinCode }: { readonly joinCode: string }) => {
  const texts = useDeskTexts()
  const url = `${location.origin}/play/${joinCode}`
  return (
    <section className="card invitation">
      <Qr text={url} label={url} />
      <p>
        <span className="muted">{texts.joinAt}</span>
        <br />
        <strong>{location.host}</strong>
      </p>
      <p>
        <span className="muted">{texts.withCode}</span>
        <br />
        <strong className="code">{joinCode}</strong>
      </p>
    </section>
  )
}

const Starting = ({ host }: { readonly host: HostView }) => {
  const texts = useDeskTexts()
  const seconds = useCountdown(host.stream, host.board?.startsAt)
  return (
    <section className="card">
      <h2>{texts.startsIn}</h2>
      <p role="timer" aria-label={texts.secondsLeft(seconds)} className="big">
        {seconds}
      </p>
    </section>
  )
}

const OpenQuestion = ({ host, question }: { readonly host: HostView; readonly question: PublicQuestion }) => {
  const texts = useDeskTexts()
  const { board, stream } = host
  const { index, count, prompt, closesAt, timeLimitMs } = question
  const progress = board?.progress
  return (
    <section className="card stack">
      <p className="muted">{texts.questionOf(index + 1, count)}</p>
      <h2 className="prompt" dir="auto">
        {prompt}
      </h2>
      {board?.status === 'paused' ? (
        <p className="notice">{texts.paused}</p>
      ) : (
        <Countdown clock={stream} endsAt={closesAt} totalMs={timeLimitMs} />
      )}
      <ul className="option-list">
        {optionTexts(question, texts).map((text, at) => (
          <li key={text}>
            <Mark index={at} /> <bdi>{text}</bdi>
          </li>
        ))}
      </ul>
      <p className="answered" role="status">
        {progress !== undefined && texts.answeredOf(progress.answered, progress.players)}
      </p>
    </section>
  )
}
