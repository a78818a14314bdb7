import type { TemplatedApp } from 'uWebSockets.js'
import { PodiumError } from '#platform/errors'
import type { ClientAddresses } from './client-addresses.ts'
import type { Exchange } from './exchange.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import type { ResponseHeads } from './response-heads.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

interface RouteBase {
  readonly method: Method
  /** Segments; `:name` takes any one segment, also an empty one. Literals win over names. */
  readonly path: string
  /** Lower-case request headers to copy besides the common ones. */
  readonly headers?: readonly string[]
  /** The route counts requests per address: `Request.address` is set. */
  readonly wantsAddress?: boolean
}

/** A request that gets one whole response. A thrown PodiumError becomes its problem. */
export interface ReplyRoute extends RouteBase {
  /** Most bytes of a request body; 0, the default, when the route takes none. */
  readonly maxBodyBytes?: number
  /**
   * Whether a verified caller sends a body that does not come with its head, or is long: asked before much of it is kept. A refusal
   * is thrown, and nothing of the body is kept. Default: no caller is verified.
   */
  preauthenticate?(request: Request): Promise<boolean> | boolean
  /** `body` is complete and valid UTF-8; '' when there is none. */
  handle(request: Request, body: string): Promise<Reply> | Reply
}

/** A request whose handler writes the response itself, after `exchange.take()`. */
export interface StreamRoute extends RouteBase {
  /** Resolves when the stream runs, not when it ends. What it throws before `take` becomes the problem document. */
  stream(request: Request, exchange: Exchange): Promise<void>
}

export type Route = ReplyRoute | StreamRoute

/** What a WebSocket resource shares with all others of its server. */
export interface SocketFront {
  readonly heads: ResponseHeads
  readonly addresses: ClientAddresses
  /** To be called when a WebSocket has closed. */
  socketClosed(): void
}

/** A WebSocket resource. GET without an upgrade is answered by the server. */
export interface SocketRoute {
  readonly path: string
  /** Calls `app.ws(path, …)`. */
  register(app: TemplatedApp, front: SocketFront): void
}

interface Node {
  readonly literals: Map<string, Node>
  named: Node | undefined
  readonly entries: Map<string, Entry>
}

interface Entry {
  readonly route: Route
  readonly names: readonly string[]
  readonly headerNames: readonly string[]
}

export type Match =
  | {
      readonly kind: 'found'
      readonly route: Route
      readonly params: Readonly<Record<string, string>>
      readonly headerNames: readonly string[]
    }
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'not-found' }

export interface Router {
  /** `path` as sent, percent-encoded. */
  match(method: string, path: string): Match
}

const createNode = (): Node => ({ literals: new Map(), named: undefined, entries: new Map() })

export const createRouter = (routes: readonly Route[]): Router => {
  const root = createNode()
  for (const route of routes) insert(root, route)
  return {
    match: (method, path) => {
      const values: string[] = []
      const node = find(root, path.split('/'), 1, values)
      if (node === undefined) return { kind: 'not-found' }
      const entry = node.entries.get(method)
      if (entry === undefined) return { kind: 'wrong-method', allow: [...node.entries.keys()].join(', ') }
      const params: Record<string, string> = {}
      for (const [index, name] of entry.names.entries()) params[name] = decode(values[index] ?? '')
      return { kind: 'found', route: entry.route, params, headerNames: entry.headerNames }
    },
  }
}

const insert = (root: Node, route: Route): void => {
  const names: string[] = []
  let node = root
  for (const segment of route.path.split('/').slice(1)) {
    let next: Node | undefined
    if (segment.startsWith(':')) {
      names.push(segment.slice(1))
      node.named ??= createNode()
      next = node.named
    } else {
      next = node.literals.get(segment) ?? createNode()
      node.literals.set(segment, next)
    }
    node = next
  }
  if (node.entries.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`)
  node.entries.set(route.method, { route, names, headerNames: route.headers ?? [] })
}

const find = (node: Node, segments: readonly string[], at: number, values: string[]): Node | undefined => {
  const segment = segments[at]
  if (segment === undefined) return node.entries.size > 0 ? node : undefined
  const literal = node.literals.get(segment)
  const found = literal === undefined ? undefined : find(literal, segments, at + 1, values)
  if (found !== undefined || node.named === undefined) return found
  values.push(segment)
  const named = find(node.named, segments, at + 1, values)
  if (named === undefined) values.pop()
  return named
}

/** A value that is not valid percent-encoding stays as it is; no id looks like that. */
const decode = (value: string): string => {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** What a WebSocket resource says to a request that is no upgrade. */
export const upgradeOnly = ({ path }: SocketRoute): ReplyRoute => ({
  method: 'GET',
  path,
  handle: () => {
    throw new PodiumError('malformed', { detail: 'This resource takes WebSocket connections only.' })
  },
})
