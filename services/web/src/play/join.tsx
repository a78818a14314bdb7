import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type JoinPreview, newAnswerId, type Player } from '#client'
import { loginProvider } from '../shared/config.ts'
import { login } from '../shared/kept-login.ts'
import { Brand, Footer } from '../shared/layout.tsx'
import { codeOf, problemText } from '../shared/problem.ts'
import { useTexts } from '../shared/texts/index.ts'
import { startLogin } from '../shared/user.ts'
import { codeInPath, createPlayClient, stream } from './client.ts'
import { keepPlayer } from './kept.ts'

interface Props {
  readonly onJoined: (code: string, player: Player) => void
}

const CODE_LENGTH = 6

export const Join = ({ onJoined }: Props) => {
  const texts = useTexts()
  const user = login()
  const [code, setCode] = useState(codeInPath)
  const [nickname, setNickname] = useState(user?.name ?? '')
  const [preview, setPreview] = useState<JoinPreview>()
  const [problem, setProblem] = useState<unknown>()
  const [isJoining, setJoining] = useState(false)
  // A guest has no identity: with the same key a repeated attempt is the same player.
  const key = useRef(newAnswerId())
  const isWhole = code.length >= CODE_LENGTH

  useEffect(() => {
    setPreview(undefined)
    setProblem(undefined)
    if (!isWhole) return
    let isCurrent = true
    createPlayClient()
      .lookUp(code)
      .then(
        (found) => isCurrent && setPreview(found),
        (error) => isCurrent && setProblem(error),
      )
    return () => {
      isCurrent = false
    }
  }, [code, isWhole])

  const needsLogin = preview?.access === 'users' && user === undefined

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (needsLogin) return startLogin(`/play/${encodeURIComponent(code)}`)
    setJoining(true)
    setProblem(undefined)
    try {
      const client = createPlayClient()
      const options = { nickname: nickname.trim(), idempotencyKey: key.current, ...stream }
      const player = await client.join(code, options).catch((error: unknown) => {
        // The same user on another device continues here.
        if (codeOf(error) !== 'already-joined') throw error
        return client.join(code, { ...stream, resume: true })
      })
      keepPlayer(code, player)
      onJoined(code, player)
    } catch (error) {
      if (codeOf(error) !== 'client-network' && codeOf(error) !== 'client-timeout') key.current = newAnswerId()
      setProblem(error)
      setJoining(false)
    }
  }

  return (
    <>
      <main className="join">
        <Brand />
        <h1>{preview?.title ?? texts.joinTitle}</h1>
        {preview !== undefined && <p className="muted">{texts.players(preview.playerCount)}</p>}
        <form className="card stack" onSubmit={(event) => void submit(event)}>
          <label className="field">
            <span>{texts.joinCode}</span>
            <input
              className="input code"
              name="code"
              value={code}
              onChange={({ target }) => setCode(target.value.replace(/\s/g, '').toUpperCase())}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              maxLength={12}
              required
            />
            <small>{texts.joinCodeHint}</small>
          </label>
          {needsLogin ? (
            <p>{texts.loginToJoin}</p>
          ) : (
            <label className="field">
              <span>{texts.nickname}</span>
              <input
                className="input"
                name="nickname"
                dir="auto"
                value={nickname}
                onChange={({ target }) => setNickname(target.value)}
                autoComplete="nickname"
                maxLength={40}
                required
              />
              <small>{texts.nicknameHint}</small>
            </label>
          )}
          <p role="alert" className="error">
            {problem !== undefined && problemText(problem, texts)}
          </p>
          <button
            type="submit"
            className="button primary"
            disabled={isJoining || !isWhole || (needsLogin && loginProvider === undefined)}
          >
            {isJoining ? texts.joining : needsLogin ? texts.logIn : texts.join}
          </button>
        </form>
      </main>
      <Footer>
        <a href="/host">{texts.hostInstead}</a>
      </Footer>
    </>
  )
}
