import { commonSpec, type Spec } from '#platform/config'
import { telemetrySpec } from '#platform/telemetry/config'
import { edgeSpec } from '../../../services/edge/config.ts'
import { configSpec as evaluatorSpec } from '../../../services/evaluator/config.ts'
import { configSpec as leaderboardSpec } from '../../../services/leaderboard/config.ts'
import { configSpec as scorerSpec } from '../../../services/scorer/config.ts'
import { spec as sessionSpec } from '../../../services/session/config.ts'
import { configSpec as workerSpec } from '../../../services/worker/config.ts'
import type { ServiceName } from '../../local/stack-options.ts'

const all = { ...commonSpec, ...telemetrySpec } as const

/** The variables of every service, as it states them itself. */
export const serviceSpecs: Readonly<Record<ServiceName, Spec>> = {
  edge: { ...all, ...edgeSpec },
  session: { ...all, ...sessionSpec },
  evaluator: { ...all, ...evaluatorSpec },
  scorer: { ...all, ...scorerSpec },
  leaderboard: { ...all, ...leaderboardSpec },
  worker: { ...all, ...workerSpec },
}

/** Variables that Node.js and the exporter of telemetry read themselves. */
const ofOthers = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|OTEL_EXPORTER_OTLP_(HEADERS|TIMEOUT|CERTIFICATE|COMPRESSION))$/

/** Names in an environment that the service knows nothing of. */
export const unknownVariables = (service: ServiceName, names: readonly string[]): readonly string[] =>
  names.filter((name) => !Object.hasOwn(serviceSpecs[service], name) && !ofOthers.test(name))
