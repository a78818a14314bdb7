import { login } from '../shared/kept-login.ts'
import { handOverToScreen } from '../shared/screen-token.ts'

/** Opens the wall's page and lets it look with the host's login, for as long as that is good. */
export const openScreen = (sessionId: string): void => {
  const user = login()
  if (user === undefined) return
  handOverToScreen(sessionId, user)
  window.open(`/screen/${encodeURIComponent(sessionId)}`, '_blank', 'noopener')
}
