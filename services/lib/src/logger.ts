import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** Sees every line that is logged at warn or above: its level, its constant text, and its other members. */
export type LogWatch = (level: 'warn' | 'error' | 'fatal', message: string, details: Record<string, unknown>) => void

const WATCHED: Readonly<Record<number, Parameters<LogWatch>[0]>> = { 40: 'warn', 50: 'error', 60: 'fatal' }

/** JSON lines on standard output; paths that may hold a secret are cut out. */
export const createLogger = (options: { service: string; instance: string; level: string; watch?: LogWatch }): Logger =>
  pino({
    level: options.level,
    base: { service: options.service, instance: options.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        ...['token', 'authorization', '*.token', '*.authorization', 'headers.authorization', 'url', 'databaseUrl'],
        // What drivers add to their errors: ioredis the command with its arguments, which for the first one is the password;
        // Postgres the row that it refused, which may hold a nickname.
        ...['err.command', 'err.detail', 'err.where', 'err.internalQuery', 'err.parameters'],
      ],
      remove: true,
    },
    hooks: {
      logMethod: function (args, method, level) {
        const watched = WATCHED[level]
        if (watched !== undefined) options.watch?.(watched, ...partsOf(args))
        method.apply(this, args)
      },
    },
  })

/** Our calls are `log(text)` or `log(details, text)`. */
const partsOf = ([first, second]: readonly unknown[]): [string, Record<string, unknown>] =>
  typeof first === 'string' ? [first, {}] : [String(second), (first ?? {}) as Record<string, unknown>]
