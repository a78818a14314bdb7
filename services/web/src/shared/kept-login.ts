import { parse } from './parse.ts'

/** A user who is logged in, in this tab only: the token is gone when the tab is closed. */
export interface Login {
  readonly token: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const LOGIN_KEY = 'podium.login'
export const login = (): Login | undefined => {
  const kept = parse<Login>(sessionStorage.getItem(LOGIN_KEY))
  return kept !== undefined && kept.expiresAt > Date.now() ? kept : undefined
}

export const keepLogin = (login: Login): void => sessionStorage.setItem(LOGIN_KEY, JSON.stringify(login))

export const logOut = (): void => sessionStorage.removeItem(LOGIN_KEY)
