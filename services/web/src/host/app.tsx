import { useEffect, useState } from 'react'
import { createClient } from '#client'
import { apiUrl } from '../shared/config.ts'
import { login, logOut } from '../shared/kept-login.ts'
import { Brand, Footer } from '../shared/layout.tsx'
import { finishLogin } from '../shared/login.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { startLogin, userToken } from '../shared/user.ts'
import { Editor } from './editor.tsx'
import { ImportPage } from './import.tsx'
import { Quizzes } from './quizzes.tsx'
import { go, useRoute } from './route.ts'
import { SessionPage } from './session.tsx'

const client = createClient({ baseUrl: apiUrl, token: userToken })

/** Before anything is rendered: a strict render would spend the one-time code twice. */
const returned = finishLogin().then(
  () => undefined,
  () => 'failed' as const,
)

export const App = () => {
  const texts = useDeskTexts()
  const [state, setState] = useState<'returning' | 'ready' | 'failed'>(login() === undefined ? 'returning' : 'ready')
  useEffect(() => {
    void returned.then((failed) => setState(failed ?? 'ready'))
  }, [])
  const user = login()
  if (state === 'returning') return <p className="page muted">{texts.loading}</p>
  if (user === undefined) return <LogIn hasFailed={state === 'failed'} />
  return (
    <>
      <header className="top row apart">
        <a
          href="/host"
          onClick={(event) => {
            event.preventDefault()
            go({ page: 'quizzes' })
          }}
          className="brand"
        >
          <Brand />
        </a>
        <span className="row">
          <bdi className="muted">{user.name}</bdi>
          <button
            type="button"
            className="button small"
            onClick={() => {
              logOut()
              location.assign('/host')
            }}
          >
            {texts.logOut}
          </button>
        </span>
      </header>
      <Page />
      <Footer />
    </>
  )
}

const Page = () => {
  const route = useRoute()
  switch (route.page) {
    case 'quizzes':
      return <Quizzes client={client} />
    case 'new':
      return <Editor key="new" client={client} quizId={undefined} />
    case 'quiz':
      return <Editor key={route.id} client={client} quizId={route.id} />
    case 'import':
      return <ImportPage client={client} />
    case 'session':
      return <SessionPage key={route.id} client={client} sessionId={route.id} />
    default:
      return route satisfies never
  }
}

const LogIn = ({ hasFailed }: { readonly hasFailed: boolean }) => {
  const texts = useDeskTexts()
  const [failed, setFailed] = useState(hasFailed)
  return (
    <>
      <main className="page login stack">
        <Brand />
        <h1>{texts.hostInstead}</h1>
        <p>{texts.hostIntro}</p>
        <p role="alert" className="error">
          {failed && texts.loginFailed}
        </p>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            startLogin().catch(() => setFailed(true))
          }}
        >
          {texts.logIn}
        </button>
        <a href="/play">{texts.joinTitle}</a>
      </main>
      <Footer />
    </>
  )
}
