import { useEffect, useState } from 'react'
import { createClient, type Display } from '#client'
import { apiUrl, loginProvider } from '../shared/config.ts'
import { login, logOut } from '../shared/kept-login.ts'
import { Brand, Footer } from '../shared/layout.tsx'
import { problemText } from '../shared/problem.ts'
import { askForScreenToken, keepScreenToken, keptScreenToken } from '../shared/screen-token.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { startLogin } from '../shared/user.ts'
import { Wall } from './wall.tsx'

const sessionId = decodeURIComponent(/^\/screen\/([^/]+)/.exec(location.pathname)?.[1] ?? '')

/** A host who logged in on the wall's own computer: what stays there is a token for this screen, not the login. */
const displayOfHost = (): Promise<Display> | undefined => {
  const user = login()
  logOut()
  return user && createClient({ baseUrl: apiUrl, token: user.token }).createDisplay(sessionId)
}

/** Before anything is rendered: a strict render would forget the login and ask with it no more. */
const ofHost = displayOfHost()

export const App = () => {
  const [token, setToken] = useState(() => keptScreenToken(sessionId))
  const [problem, setProblem] = useState<unknown>()
  useEffect(() => {
    if (token !== undefined) return
    const take = (got: Display): void => {
      keepScreenToken(sessionId, got)
      setToken(got.token)
    }
    ofHost?.then(take, setProblem)
    return askForScreenToken(sessionId, take)
  }, [token])
  return token === undefined ? <Waiting problem={problem} /> : <Wall sessionId={sessionId} token={token} />
}

const Waiting = ({ problem }: { readonly problem: unknown }) => {
  const texts = useDeskTexts()
  return (
    <>
      <main className="waiting stack">
        <Brand />
        <h1>{texts.screenTitle}</h1>
        <p>{texts.screenWaits}</p>
        <p role="alert" className="error">
          {problem !== undefined && problemText(problem, texts)}
        </p>
        {loginProvider !== undefined && (
          <button type="button" className="button" onClick={() => void startLogin()}>
            {texts.logIn}
          </button>
        )}
      </main>
      <Footer />
    </>
  )
}
