import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** JSON lines on standard output; paths that may hold a secret are cut out. */
export const createLogger = (options: { service: string; instance: string; level: string }): Logger =>
  pino({
    level: options.level,
    base: { service: options.service, instance: options.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['token', 'authorization', '*.token', '*.authorization', 'headers.authorization', 'url', 'databaseUrl'],
      remove: true,
    },
  })
