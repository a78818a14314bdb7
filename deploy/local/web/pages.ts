import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** What an application has a file for, by the beginning of the path; deploy/nginx/podium.conf says the same. */
const PAGES = [
  { pattern: /^\/(play(\/.*)?)?$/, file: '/index.html' },
  { pattern: /^\/host(\/.*)?$/, file: '/host.html' },
  { pattern: /^\/screen\/.*$/, file: '/screen.html' },
] as const

interface StaticFile {
  readonly type: string
  readonly body: Buffer
  readonly gzipped: Buffer
}

/** The built pages, held in memory. `settings` is what they read from their `podium` element. */
export const createPages = (dir: string, settings: object) => {
  const files = new Map<string, StaticFile>()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const type = TYPES[extname(path)]
    if (type === undefined) continue
    const read = readFileSync(path)
    const body = path.endsWith('.html') ? Buffer.from(withSettings(read.toString(), settings)) : read
    files.set(path.slice(dir.length), { type, body, gzipped: gzipSync(body) })
  }

  return {
    /** @param api port of the edge, on whatever name of this machine the browser uses */
    handle(request: IncomingMessage, response: ServerResponse, api: number): void {
      const path = (request.url ?? '/').split('?')[0] ?? '/'
      const file = files.get(PAGES.find(({ pattern }) => pattern.test(path))?.file ?? path)
      for (const [name, value] of Object.entries(securityHeaders(request.headers.host, api)))
        response.setHeader(name, value)
      if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is nothing here.\n')
        return
      }
      const isZipped = /\bgzip\b/.test(String(request.headers['accept-encoding']))
      const body = isZipped ? file.gzipped : file.body
      response.writeHead(200, {
        'Content-Type': file.type,
        'Content-Length': body.length,
        Vary: 'Accept-Encoding',
        // Built files have a name of their own for every content.
        'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...(isZipped && { 'Content-Encoding': 'gzip' }),
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    },
  }
}

export const withSettings = (html: string, settings: object): string =>
  html.replace(
    'content="{}"',
    `content="${JSON.stringify(settings).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`,
  )

/** Scripts and styles of the page's own files, connections to the API; pictures may come from anywhere, as a quiz says. */
export const securityHeaders = (host = '', api: number): Readonly<Record<string, string>> => {
  const name = /^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.exec(host)?.[1] ?? 'localhost'
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' http: https:",
    'media-src http: https:',
    `connect-src 'self' http://${name}:${api} ws://${name}:${api}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  }
}
