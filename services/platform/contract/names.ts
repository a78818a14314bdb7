import type { MetricSpec } from './metric-spec.ts'
import { busMetrics, storeMetrics } from './metrics-bus.ts'
import { edgeMetrics } from './metrics-edge.ts'
import { processMetrics } from './metrics-process.ts'
import { sessionMetrics, workerMetrics } from './metrics-services.ts'
import { SEVERAL } from './subjects.ts'

/**
 * Every metric and span of Podium, spelled here and in the metrics-*.ts beside it and nowhere else. Names follow the
 * semantic conventions of OpenTelemetry where there is one, our own begin with `podium.`. No attribute of a metric is an
 * id: every set of values is finite.
 */
export const METRICS = {
  ...processMetrics,
  ...busMetrics,
  ...storeMetrics,
  ...edgeMetrics,
  ...sessionMetrics,
  ...workerMetrics,
} as const
export type MetricKey = keyof typeof METRICS

const UNIT_SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes', '1': '_ratio' }

/**
 * A metric's name in Prometheus, the same by scrape and through a collector: dots to underscores, the unit, `_total` for a
 * counter. A histogram's series add `_bucket`, `_sum`, `_count`.
 */
export const prometheusName = ({ name, type, unit }: MetricSpec): string =>
  prometheusLabel(name) + (UNIT_SUFFIXES[unit] ?? '') + (type === 'counter' ? '_total' : '')

/** An attribute's key as a Prometheus label. */
export const prometheusLabel = (attribute: string): string => attribute.replace(/[^A-Za-z0-9_]/g, '_')

/** Subjects by their third token, as span names and metrics show them: never with an id. */
export const SUBJECT_TEMPLATES: Readonly<Record<string, string>> = {
  answers: 'podium.v1.answers.{partition}',
  barrier: 'podium.v1.barrier.{partition}',
  evaluation: 'podium.v1.evaluation.{sessionId}',
  score: 'podium.v1.score.{sessionId}',
  feed: 'podium.v1.feed.{sessionId}',
  timer: 'podium.v1.timer.{sessionId}',
  dead: 'podium.v1.dead.{stream}',
  board: 'podium.v1.board.{sessionId}',
  progress: 'podium.v1.progress',
  live: 'podium.v1.live.feed.{sessionId}',
}

const PREFIX_LENGTH = 'podium.v1.'.length

/** The template of one of our subjects; `other` for what is none. */
export const subjectTemplate = (subject: string): string =>
  SUBJECT_TEMPLATES[subject.slice(PREFIX_LENGTH, subject.indexOf('.', PREFIX_LENGTH))] ?? 'other'

/** The attribute of spans, never of metrics, by which everything about a session is found. */
export const SESSION_ID = 'podium.session.id'

/** SESSION_ID for a message, as far as its subject names a session. */
export const sessionAttribute = (subject: string): Readonly<Record<string, string>> => {
  const sessionId = subjectTemplate(subject).includes('.{sessionId}') ? subject.split('.')[3] : undefined
  return sessionId === undefined || sessionId === SEVERAL ? {} : { [SESSION_ID]: sessionId }
}

/** Names of spans. */
export const SPANS = {
  /** Edge, server: one HTTP request. */
  http: (method: string, route: string) => `${method} ${route}`,
  /** Edge, server: one answer over a WebSocket. */
  wsAnswer: 'answer /v1/sessions/:sessionId/ws',
  /** Any, producer: one message, until its PubAck. */
  publish: (subject: string) => `publish ${subjectTemplate(subject)}`,
  /** Workers, consumer: one delivered message, from its arrival until it is settled. */
  process: (subject: string) => `process ${subjectTemplate(subject)}`,
  /** Workers, own root: one pull batch with links to its sampled members. */
  batch: (durable: string) => `process batch ${durable}`,
  /** Scorer, session, leaderboard; client. */
  sql: (statement: string) => `postgresql ${statement}`,
  /** Leaderboard, client: one script. */
  redis: (script: string) => `redis ${script}`,
  /** Edge, own root: one frame to one audience with links to the answers that it makes visible. */
  tick: 'fan-out tick',
  /** Edge, in the answer's trace: from the arrival of the board delta to the frame that shows it, with a link to the tick. */
  visible: 'visible',
  /** Edge, client; session, server: a command. */
  command: (name: string) => `podium.v1.cmd.${name}`,
  /** Session, own root: what a due timer does. */
  timer: 'timer',
} as const
