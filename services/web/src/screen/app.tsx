import { useEffect, useState } from 'react'
import { loginProvider } from '../shared/config.ts'
import { login, logOut } from '../shared/kept-login.ts'
import { Brand, Footer } from '../shared/layout.tsx'
import { askForScreenToken, keepScreenToken, keptScreenToken, type ScreenToken } from '../shared/screen-token.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { startLogin } from '../shared/user.ts'
import { Wall } from './wall.tsx'

const sessionId = decodeURIComponent(/^\/screen\/([^/]+)/.exec(location.pathname)?.[1] ?? '')

/** A host who logged in on the wall's own computer: the login is this screen's alone. */
const tokenOfHost = (): ScreenToken | undefined => {
  const user = login()
  logOut()
  return user
}

export const App = () => {
  const [token, setToken] = useState(() => keptScreenToken(sessionId))
  useEffect(() => {
    if (token !== undefined) return
    const take = (got: ScreenToken): void => {
      keepScreenToken(sessionId, got)
      setToken(got.token)
    }
    const own = tokenOfHost()
    if (own !== undefined) return take(own)
    return askForScreenToken(sessionId, take)
  }, [token])
  return token === undefined ? <Waiting /> : <Wall sessionId={sessionId} token={token} />
}

const Waiting = () => {
  const texts = useDeskTexts()
  return (
    <>
      <main className="waiting stack">
        <Brand />
        <h1>{texts.screenTitle}</h1>
        <p>{texts.screenWaits}</p>
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
