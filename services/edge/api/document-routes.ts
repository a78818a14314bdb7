import { readFile } from 'node:fs/promises'
import type { Clock } from '#platform/clock'
import { createRates } from '#platform/rates'
import type { Authentication } from '../auth/authentication.ts'
import { pageOf, yaml } from '../http/reply.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { RequestSchemas } from './request-schemas.ts'

/** Redoc, which reads both documents, as the linter's package brings it: the package `redoc` wants React as well. */
const VIEWER = new URL('../../../node_modules/@redocly/cli/lib/chunks/redoc.standalone.js', import.meta.url)

/** Two megabytes each, which wait here for clients that are slow to take them. */
const VIEWER_RATE = { burst: 20, perSecond: 4 } as const

const PAGES = { '/docs': '/openapi.yaml', '/docs/streams': '/asyncapi.yaml' } as const

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
  const yamlRoutes = (['openapi', 'asyncapi'] as const).map(
    (name): ReplyRoute => ({
      method: 'GET',
      path: `/${name}.yaml`,
      handle: async (request) => {
        await authentication.admit(request, 'document.read')
        return yaml(documents[name])
      },
    }),
  )
  const pages = Object.entries(PAGES).map(
    ([path, document]): ReplyRoute => ({
      method: 'GET',
      path,
      handle: async (request) => {
        await authentication.admit(request, 'document.read')
        return pageOf(pageText(document), 'text/html; charset=utf-8')
      },
    }),
  )
  const viewer: ReplyRoute = {
    method: 'GET',
    path: '/docs/redoc.js',
    handle: async (request) => {
      await authentication.admit(request, 'document.read')
      viewerRates.take('', clock.monotonic())
      return pageOf(await readFile(VIEWER, 'utf8'), 'text/javascript; charset=utf-8')
    },
  }
  return [...yamlRoutes, ...pages, viewer]
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
