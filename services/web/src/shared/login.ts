import { type LoginProvider, loginProvider } from './config.ts'
import { keepLogin } from './kept-login.ts'
import { parse } from './parse.ts'

const ATTEMPT_KEY = 'podium.login.attempt'
/** Where the provider sends the user back to; one address, because providers want to know it beforehand. */
const RETURN_PATH = '/host'

interface Attempt {
  readonly state: string
  readonly verifier: string
  readonly returnTo: string
}

interface Endpoints {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
}

/** Leaves the page for the provider's (authorization code with PKCE, RFC 7636). */
export const startLogin = async (returnTo: string): Promise<void> => {
  const provider = requireProvider()
  const { authorization_endpoint } = await discover(provider)
  const attempt: Attempt = { state: random(), verifier: random(), returnTo }
  sessionStorage.setItem(ATTEMPT_KEY, JSON.stringify(attempt))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(attempt.verifier))
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: location.origin + RETURN_PATH,
    scope: provider.scope ?? 'openid',
    state: attempt.state,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    ...(provider.resource !== undefined && { resource: provider.resource }),
  })
  location.assign(`${authorization_endpoint}?${query}`)
}

/** The other half, on the page that the provider came back to. False when it did not. Rejects when the login failed. */
export const finishLogin = async (): Promise<boolean> => {
  const answer = new URLSearchParams(location.search)
  const [code, state, refusal] = [answer.get('code'), answer.get('state'), answer.get('error')]
  if (location.pathname !== RETURN_PATH || state === null || (code === null && refusal === null)) return false
  const attempt = parse<Attempt>(sessionStorage.getItem(ATTEMPT_KEY))
  sessionStorage.removeItem(ATTEMPT_KEY)
  // The code is good for one use, and only with the verifier; still, it need not stay in the history.
  history.replaceState(null, '', attempt?.returnTo ?? RETURN_PATH)
  if (attempt === undefined || attempt.state !== state) throw new Error('not the login that was begun here')
  if (code === null) throw new Error(refusal ?? 'refused')
  const provider = requireProvider()
  const { token_endpoint } = await discover(provider)
  const response = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: location.origin + RETURN_PATH,
      client_id: provider.clientId,
      code_verifier: attempt.verifier,
      ...(provider.resource !== undefined && { resource: provider.resource }),
    }),
  })
  if (!response.ok) throw new Error(`the provider answered ${response.status}`)
  const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number }
  keepLogin({ token: access_token, name: nameIn(access_token), expiresAt: Date.now() + expires_in * 1_000 })
  // Another page than the one that finishes the login has to be loaded.
  if (!attempt.returnTo.startsWith(RETURN_PATH)) {
    location.replace(attempt.returnTo)
    return new Promise(() => undefined)
  }
  return true
}

const requireProvider = (): LoginProvider => {
  if (loginProvider === undefined) throw new Error('no login is configured')
  return loginProvider
}

const discover = async ({ issuer, discovery }: LoginProvider): Promise<Endpoints> => {
  const response = await fetch(discovery ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const endpoints = (await response.json()) as Endpoints
  if (endpoints.issuer !== issuer) throw new Error('the provider is not the one configured')
  return endpoints
}

/** For the greeting only; the API does not take our word for it. */
const nameIn = (token: string): string => {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0))
    const { name, sub } = JSON.parse(new TextDecoder().decode(bytes)) as { name?: string; sub?: string }
    return name ?? sub ?? ''
  } catch {
    return '' // an opaque token is as good
  }
}

const random = (): string => base64Url(crypto.getRandomValues(new Uint8Array(32)))

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
