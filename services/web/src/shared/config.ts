/** What the server that hands out the pages says about the rest of the system; `{}` means: the API is on this origin, guests only. */
interface Configuration {
  /** Base URL of the API; `:8080` is that port of the page's own host. Default: the page's origin. */
  readonly api?: string
  readonly login?: LoginProvider
}

/** An OpenID Connect provider whose access tokens the API takes. */
export interface LoginProvider {
  readonly issuer: string
  /** Where its configuration is when it is not below the issuer. */
  readonly discovery?: string
  readonly clientId: string
  /** Default `openid`. */
  readonly scope?: string
  /** The audience asked for (RFC 8707), where the provider wants to know. */
  readonly resource?: string
}

const read = (): Configuration => {
  const text = document.querySelector<HTMLMetaElement>('meta[name=podium]')?.content ?? '{}'
  return JSON.parse(text) as Configuration
}

const { api = '', login } = read()

export const apiUrl: string = api.startsWith(':')
  ? `${location.protocol}//${location.hostname}${api}`
  : api || location.origin

export const loginProvider: LoginProvider | undefined = login
