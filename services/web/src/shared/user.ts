import { login, logOut } from './kept-login.ts'

/** Loaded when it is needed: most players never log in. */
export const startLogin = async (returnTo = location.pathname): Promise<void> =>
  (await import('./login.ts')).startLogin(returnTo)

/** A token for the client; a refused one leads to the login, which knows the user still and so is quick. */
export const userToken = (refused?: string): string => {
  if (refused !== undefined) {
    logOut()
    void startLogin()
  }
  return login()?.token ?? ''
}
