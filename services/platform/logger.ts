import { type DestinationStream, type Logger, type LoggerOptions as PinoOptions, pino } from 'pino'
import { createLogOutput } from './log-output.ts'

/** A JSON Web Token, or the beginning of one. */
const TOKEN = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g
/** The password of a URL. */
const PASSWORD = /(:\/\/[^/\s:@]*):[^/\s@]+@/g
/** Credentials of a header that was quoted. */
const BEARER = /(bearer[ .])[^\s,"']+/gi

/** A text that others may read: without tokens and passwords that an error message of a library may hold. */
export const scrub = (text: string): string =>
  text.replace(TOKEN, '[token]').replace(PASSWORD, '$1:[secret]@').replace(BEARER, '$1[token]')

export type { Logger } from 'pino'

/** Sees every line that is logged at warn or above: its level, its constant text, and its other members. */
export type LogWatch = (level: 'warn' | 'error' | 'fatal', message: string, details: Record<string, unknown>) => void

const WATCHED: Readonly<Record<number, Parameters<LogWatch>[0]>> = { 40: 'warn', 50: 'error', 60: 'fatal' }

/** Members that would hold a secret or a name, at the top and one level below. We log none of them; this is for mistakes. */
const SECRET_MEMBERS = [
  'token',
  'authorization',
  'cookie',
  'password',
  'secret',
  'url',
  'databaseUrl',
  'natsUrl',
  'redisUrl',
  'query',
  'nickname',
  'name',
  'correct',
  'answer',
]

const REDACTED = [
  ...SECRET_MEMBERS.filter((name) => name !== 'name'),
  ...SECRET_MEMBERS.map((name) => `*.${name}`),
  '*.headers.authorization',
  '*.headers.cookie',
  'headers["sec-websocket-protocol"]',
  '*.headers["sec-websocket-protocol"]',
]

const MAX_CAUSES = 5

/**
 * Of an error its type, message, code and stack, and those of its causes. Nothing else: drivers hang values on their errors
 * (the row that was not unique, the claims that did not fit).
 */
const safeError = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return typeof error === 'string' ? scrub(error) : typeof error
  const { name, message, stack = '', cause } = error
  const code = 'code' in error && typeof error.code !== 'object' ? error.code : undefined
  return {
    type: name,
    message: scrub(message),
    ...(code !== undefined && { code }),
    stack: scrub(stack),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: safeError(cause, depth + 1) }),
  }
}

/** JSON lines on standard output, without secrets: errors are reduced to what is safe, members that may hold one cut out. */
export interface LoggerOptions {
  readonly service: string
  readonly instance: string
  readonly level: string
  readonly watch?: LogWatch
  /** Further members of a line: the trace that it belongs to. */
  readonly context?: () => object
  /** Takes the lines. Default: standard output. */
  readonly destination?: DestinationStream
}

export const createLogger = (options: LoggerOptions): Logger => {
  const settings: PinoOptions = {
    level: options.level,
    base: { service: options.service, instance: options.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: {
      err: (error) => safeError(error),
      path: (path) => (typeof path === 'string' ? scrub(path) : path),
    },
    redact: { paths: REDACTED, remove: true },
    ...(options.context !== undefined && { mixin: options.context }),
    hooks: {
      logMethod: function (args, method, level) {
        const watched = WATCHED[level]
        if (watched !== undefined) options.watch?.(watched, ...partsOf(args))
        method.apply(this, args)
      },
    },
  }
  return pino(settings, options.destination ?? createLogOutput())
}

/** Our calls are `log(text)` or `log(details, text)`. */
const partsOf = ([first, second]: readonly unknown[]): [string, Record<string, unknown>] =>
  typeof first === 'string' ? [first, {}] : [String(second), (first ?? {}) as Record<string, unknown>]
