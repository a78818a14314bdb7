import { integer, list, type Spec, text } from '#lib/config'

/** Environment of the edge, besides what every service has. */
export const edgeSpec = {
  EDGE_HOST: text('address that clients reach', '127.0.0.1'),
  EDGE_PORT: integer(
    'port that clients reach, shared by all copies on a machine; 0 = any',
    { min: 0, max: 65_535 },
    8080,
  ),
  EDGE_TLS_CERT_FILE: text('file with the certificate chain (PEM); without it the edge speaks plain HTTP', ''),
  EDGE_TLS_KEY_FILE: text('file with the private key of the certificate (PEM)', ''),
  USER_JWKS: text('file or http(s) URL with the keys of the identity provider (JSON Web Key Set)'),
  USER_ISSUER: text('iss of user tokens'),
  USER_AUDIENCE: text('aud of user tokens'),
  PLAYER_JWKS: text('file or http(s) URL with the public keys of player tokens (JSON Web Key Set)'),
  CORS_ORIGINS: list('origins whose pages may use the API, comma-separated, such as https://play.example; * = all', ''),
  TRUSTED_PROXIES: list('addresses and networks of proxies whose X-Forwarded-For is believed, comma-separated', ''),
  SLOW_REQUEST_MS: integer(
    'milliseconds from which on a request is recorded in a trace although it was not sampled',
    { min: 1, max: 60_000 },
    500,
  ),
  DRAIN_DELAY_MS: integer(
    'milliseconds between readiness 503 and the end of listening at stop, for load balancers to notice',
    { min: 0, max: 3_000 },
    0,
  ),
} as const satisfies Spec
