import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Context, interactionPolicy, Provider } from 'oidc-provider'
import { devAudience, devIssuerName, subjectOf } from '../keys.ts'

/** Below this path is the provider. */
export const LOGIN_PATH = '/oidc'
export const CLIENT_ID = 'podium-web'

const RESOURCE = 'urn:podium'
const TOKEN_SECONDS = 12 * 60 * 60
const MAX_NAME_LENGTH = 60
const MAX_FORM_BYTES = 4_096

/**
 * A real OpenID Connect provider for a developer's machine: authorization code with PKCE, a login page that believes every name, and
 * access tokens of the same issuer and key as those of `npm run token`, so that the edge needs nothing more. Hosts all of them.
 * Its memory is the process.
 */
export const createLogin = (options: { readonly signingKeyFile: string; readonly redirectUris: readonly string[] }) => {
  const names = new Map<string, string>()
  const policy = interactionPolicy.base()
  policy.remove('consent') // for one's own application
  const provider = new Provider(devIssuerName, {
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: options.redirectUris,
        id_token_signed_response_alg: 'EdDSA',
      },
    ],
    jwks: { keys: [JSON.parse(readFileSync(options.signingKeyFile, 'utf8'))] },
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    cookies: { keys: [randomUUID()] },
    pkce: { required: () => true },
    scopes: ['openid'],
    claims: { openid: ['sub', 'name'] },
    ttl: {
      Session: TOKEN_SECONDS,
      Interaction: 3_600,
      Grant: TOKEN_SECONDS,
      AccessToken: TOKEN_SECONDS,
      IdToken: 3_600,
    },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: devAudience,
          accessTokenTTL: TOKEN_SECONDS,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'EdDSA' } },
        }),
      },
    },
    interactions: { policy, url: (_: unknown, { uid }: { uid: string }) => `${LOGIN_PATH}/login/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, name: names.get(sub) }) }),
    extraTokenClaims: (_: unknown, { accountId }: { accountId: string }) => ({
      name: names.get(accountId),
      roles: ['host'],
    }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid')
      grant.addResourceScope(RESOURCE, '')
      await grant.save()
      return grant
    },
  })
  const handleProtocol = provider.callback()

  const handleLogin = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST') {
      await provider.interactionDetails(request, response) // throws when there is none
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(PAGE)
      return
    }
    if (Number(request.headers['content-length'] ?? Infinity) > MAX_FORM_BYTES) throw new Error('too large')
    const name = new URLSearchParams(await text(request)).get('name')?.trim().slice(0, MAX_NAME_LENGTH) ?? ''
    if (name === '') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(PAGE)
      return
    }
    const accountId = subjectOf(name)
    names.set(accountId, name)
    await provider.interactionFinished(request, response, { login: { accountId } })
  }

  return {
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const path = request.url ?? '/'
      if (path.startsWith(`${LOGIN_PATH}/login/`)) return handleLogin(request, response)
      // The provider finds the path it is mounted at in the difference of the two.
      Object.assign(request, { originalUrl: path, url: path.slice(LOGIN_PATH.length) || '/' })
      await handleProtocol(request, response)
    },
  }
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Development login</title>
<link rel="stylesheet" href="/login.css">
<main>
  <h1>Development login</h1>
  <p>This provider believes every name, and everyone is a host. It runs on developers’ machines only.</p>
  <form method="post">
    <label for="name">Name</label>
    <input id="name" name="name" required maxlength="${MAX_NAME_LENGTH}" autocomplete="name" autofocus>
    <button>Log in</button>
  </form>
</main>
</html>
`
