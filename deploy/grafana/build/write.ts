import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toGrafana } from './dashboard.ts'
import { edge } from './edge.ts'
import { overview } from './overview.ts'
import { pipeline } from './pipeline.ts'
import { session } from './session.ts'

export const dashboardsDir = join(import.meta.dirname, '../dashboards')

/** File names and their contents. */
export const dashboardFiles = (): ReadonlyMap<string, string> =>
  new Map(
    [overview, session, pipeline, edge].map((dashboard) => [
      `${dashboard.uid}.json`,
      `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`,
    ]),
  )

if (import.meta.main) for (const [name, text] of dashboardFiles()) writeFileSync(join(dashboardsDir, name), text)
