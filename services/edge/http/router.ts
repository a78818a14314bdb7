import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import { PodiumError } from '#platform/errors'
import type { ClientAddresses } from './connections.ts'
import type { Reply, ResponseHeads } from './reply.ts'
import type { BodyPolicy, Request } from './request.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface RouteBase {
  readonly method: Method
  /** Segments; `:name` takes any one segment, also an empty one. Literals win over names. */
  readonly path: string
  /** Lower-case request headers to copy besides the common ones. */
  readonly headers?: readonly string[]
}

/** A request that gets one whole response; HEAD gets that of GET without its body. A thrown PodiumError becomes its problem. */
export interface ReplyRoute extends RouteBase, BodyPolicy {
  /** `body` is complete: valid UTF-8, or base64 where the route takes bytes; '' when there is none. */
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

const createNode = (): Node => ({ literals: new Map(), named: undefined, entries: new Map() })

export const createRouter = (routes: readonly Route[]) => {
  const root = createNode()
  for (const route of routes) insert(root, route)
  return {
    /** `path` as sent, percent-encoded. */
    match: (method: string, path: string): Match => {
      const values: string[] = []
      const node = find(root, path.split('/'), 1, values)
      if (node === undefined) return { kind: 'not-found' }
      const entry = node.entries.get(method) ?? (method === 'HEAD' ? readable(node) : undefined)
      if (entry === undefined) return { kind: 'wrong-method', allow: allowOf(node) }
      const params: Record<string, string> = {}
      for (const [index, name] of entry.names.entries()) params[name] = decode(values[index] ?? '')
      return { kind: 'found', route: entry.route, params, headerNames: entry.headerNames }
    },
  }
}

/** What HEAD asks about: a GET that is answered with one document. */
const readable = ({ entries }: Node): Entry | undefined => {
  const entry = entries.get('GET')
  return entry !== undefined && 'handle' in entry.route ? entry : undefined
}

const allowOf = (node: Node): string =>
  [...node.entries.keys(), ...(readable(node) === undefined ? [] : ['HEAD'])].join(', ')

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

/** A response that may lose its client at any time. */
export interface Exchange {
  /** False once the client disconnected or the response was ended; the driver's object must not be touched then. */
  isOpen(): boolean
  /** Runs once when the client disconnects before the response was ended; at once if it already did. */
  onClose(listener: () => void): void
  /**
   * Takes the response over: the server writes nothing to it any more. Undefined when the client has gone. The code that
   * ends the response calls `ended` right after.
   */
  take(): HttpResponse | undefined
  isTaken(): boolean
  ended(): void
}

/** Must be called before the driver's callback returns or awaits anything. */
export const createExchange = (res: HttpResponse): Exchange => {
  let state: 'open' | 'gone' | 'ended' = 'open'
  let taken = false
  const listeners: (() => void)[] = []
  res.onAborted(() => {
    if (state !== 'open') return
    state = 'gone'
    for (const listener of listeners) listener()
  })
  return {
    isOpen: () => state === 'open',
    onClose: (listener) => {
      if (state === 'gone') listener()
      else listeners.push(listener)
    },
    take: () => {
      if (state !== 'open') return undefined
      taken = true
      return res
    },
    isTaken: () => taken,
    ended: () => {
      if (state === 'open') state = 'ended'
    },
  }
}
