import { randomBytes } from 'node:crypto'
import { METRICS, SPANS } from '../contract/names.ts'
import type { CommandName } from '../contract/subjects.ts'
import { PodiumError } from '../errors.ts'
import type { Telemetry } from '../telemetry.ts'
import { formatTraceparent, parseTraceparent, type Span } from './tracing.ts'

/** On whose behalf a command is sent. */
export interface CommandCaller {
  readonly span: Span | undefined
  /** 32 hex digits: what the client gets when it fails. */
  traceId(): string
}

/** Called when it is over, with the error if it failed. */
type Over = (error?: unknown) => void

const outcomeOf = (error: unknown): string =>
  error === undefined ? 'ok' : error instanceof PodiumError ? error.code : 'internal'

/** A refusal is an answer; an unexpected error is a failure. */
const isFailure = (outcome: string): boolean => outcome === 'internal' || outcome === 'unavailable'

const attributesOf = (name: CommandName) => ({ 'rpc.system.name': 'nats', 'rpc.method': name })

/** The sending side. The header names the caller's trace in any case, so that it is in the log of the other side. */
export const sendingCommand = (
  name: CommandName,
  caller: CommandCaller | undefined,
  telemetry: Telemetry | undefined,
): { readonly traceparent: string | undefined; readonly over: Over } => {
  const startedAt = performance.now()
  const span = caller?.span?.child(SPANS.command(name), { role: 'client', attributes: attributesOf(name), startedAt })
  const [context] = span?.contexts ?? []
  const traceparent =
    context !== undefined
      ? formatTraceparent(context)
      : caller === undefined
        ? undefined
        : formatTraceparent({ traceId: caller.traceId(), spanId: randomBytes(8).toString('hex'), traceFlags: 0 })
  const histogram = (outcome: string) => telemetry?.metrics.histogram(METRICS.commandClientDuration, name, outcome)
  return { traceparent, over: finish(startedAt, span, histogram) }
}

export const answeringCommand = (
  name: CommandName,
  traceparent: string,
  { tracing, metrics }: Telemetry,
): { readonly span: Span | undefined; readonly traceId: string | undefined; readonly over: Over } => {
  const startedAt = performance.now()
  const options = { role: 'server', attributes: attributesOf(name), startedAt } as const
  const span = tracing.resume([traceparent], SPANS.command(name), options)
  const histogram = (outcome: string) => metrics.histogram(METRICS.commandServerDuration, name, outcome)
  return {
    span,
    traceId: span?.traceId ?? parseTraceparent(traceparent)?.traceId,
    over: finish(startedAt, span, histogram),
  }
}

const finish =
  (
    startedAt: number,
    span: Span | undefined,
    histogram: (outcome: string) => { record(value: number, weight: number, traceId?: string): void } | undefined,
  ): Over =>
  (error) => {
    const endedAt = performance.now()
    const outcome = outcomeOf(error)
    histogram(outcome)?.record((endedAt - startedAt) / 1_000, 1, span?.traceId)
    if (span === undefined) return
    if (isFailure(outcome)) span.fail(error)
    if (outcome !== 'ok') span.set({ 'podium.outcome': outcome })
    span.end(endedAt)
  }
