import { readFile } from 'node:fs/promises'
import type { Clock } from '#platform/clock'
import { createRates } from '#platform/rates'
import type { Authentication } from '../auth/authentication.ts'
import { assetOf, assetReply, isCurrent, type Reply } from '../http/reply.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { RequestSchemas } from './request-schemas.ts'

/** Redoc, which reads both documents, as the linter's package brings it: the package `redoc` wants React as well. */
const VIEWER = new URL('../../../node_modules/@redocly/cli/lib/chunks/redoc.standalone.js', import.meta.url)

/** Two megabytes each, which wait here for clients that are slow to take them. */
const VIEWER_RATE = { burst: 20, perSecond: 4 } as const

/** The API's own description, as it is and to be read in a browser. */
export const documentRoutes = ({
  authentication,
  schemas: { documents },
  clock,
}: {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly clock: Clock
}): readonly ReplyRoute[] => {
  const viewerRates = createRates({ name: 'viewer', policy: VIEWER_RATE })
  /** Names the script once it was read; the script itself is not kept. */
  let viewerTag = ''
  const viewer = async (ifNoneMatch: string): Promise<Reply> => {
    const known = { body: '', contentType: 'text/javascript; charset=utf-8', etag: viewerTag }
    if (viewerTag !== '' && isCurrent(known, ifNoneMatch)) return assetReply(known, ifNoneMatch)
    viewerRates.take('', clock.monotonic())
    const asset = assetOf(await readFile(VIEWER, 'utf8'), known.contentType)
    viewerTag = asset.etag
    return assetReply(asset, ifNoneMatch)
  }
  const assets = {
    '/openapi.yaml': assetOf(documents.openapi, 'application/yaml'),
    '/asyncapi.yaml': assetOf(documents.asyncapi, 'application/yaml'),
    '/docs': assetOf(pageText('/openapi.yaml'), 'text/html; charset=utf-8'),
    '/docs/streams': assetOf(pageText('/asyncapi.yaml'), 'text/html; charset=utf-8'),
  }
  const route = (path: string, reply: (ifNoneMatch: string) => Reply | Promise<Reply>): ReplyRoute => ({
    method: 'GET',
    path,
    headers: ['if-none-match'],
    handle: async (request) => {
      await authentication.admit(request, 'document.read')
      return reply(request.headers['if-none-match'] ?? '')
    },
  })
  return [
    ...Object.entries(assets).map(([path, asset]) => route(path, (ifNoneMatch) => assetReply(asset, ifNoneMatch))),
    route('/docs/redoc.js', viewer),
  ]
}

const pageText = (document: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Podium API</title>
<body>
<nav><a href="/docs">HTTP</a> · <a href="/docs/streams">Streams</a> · <a href="${document}">${document.slice(1)}</a></nav>
<redoc spec-url="${document}" disable-telemetry="true"></redoc>
<script type="module" src="/docs/redoc.js"></script>
`
