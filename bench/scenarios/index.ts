import type { Scenario } from '../lib/scenario.ts'
import { scenario as access } from './access.ts'
import { scenario as broker } from './broker.ts'
import { scenario as capacity } from './capacity.ts'
import { scenario as ceilings } from './ceilings.ts'
import { scenario as connections } from './connections.ts'
import { scenario as fairness } from './fairness.ts'
import { scenario as fanout } from './fanout.ts'
import { scenario as http } from './http.ts'
import { scenario as joinStorm } from './join-storm.ts'
import { scenario as library } from './library.ts'
import { scenario as ownRank } from './own-rank.ts'
import { scenario as pipeline } from './pipeline.ts'
import { scenario as reconnectStorm } from './reconnect-storm.ts'
import { scenario as session } from './session.ts'
import { scenario as sessions } from './sessions.ts'
import { scenario as slowClients } from './slow-clients.ts'
import { scenario as soak } from './soak.ts'
import { scenario as telemetry } from './telemetry.ts'

/** In the order in which they run: raw programs first, then what they are the ceilings of. */
export const scenarios: readonly Scenario[] = [
  ceilings,
  http,
  pipeline,
  session,
  fanout,
  connections,
  joinStorm,
  reconnectStorm,
  access,
  ownRank,
  sessions,
  slowClients,
  telemetry,
  capacity,
  soak,
  broker,
  fairness,
  library,
]

/** @throws Error with a sentence for the user */
export const findScenario = (name: string, all = scenarios): Scenario => {
  const scenario = all.find((each) => each.name === name)
  if (scenario !== undefined) return scenario
  throw new Error(`there is no scenario ${name}; there are ${all.map((each) => each.name).join(', ')}`)
}
