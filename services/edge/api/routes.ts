import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { documentRoutes } from './document-routes.ts'
import { learnerRoutes } from './learner-routes.ts'
import { playerRoutes } from './player-routes.ts'
import { quizRoutes } from './quiz-routes.ts'
import { sessionRoutes } from './session-routes.ts'

type Deps = Parameters<typeof quizRoutes>[0] &
  Parameters<typeof sessionRoutes>[0] &
  Parameters<typeof playerRoutes>[0] &
  Parameters<typeof learnerRoutes>[0] &
  Parameters<typeof documentRoutes>[0] &
  Parameters<typeof operatorRoutes>[0]

/** Every route of the API that answers with one document. */
export const apiRoutes = (deps: Deps): readonly Route[] => [
  ...quizRoutes(deps),
  ...sessionRoutes(deps),
  ...playerRoutes(deps),
  ...learnerRoutes(deps),
  ...documentRoutes(deps),
  ...operatorRoutes(deps),
]

const operatorRoutes = ({
  clock,
  isReady,
}: {
  readonly clock: Clock
  readonly isReady: () => boolean
}): readonly Route[] => [
  { method: 'GET', path: '/v1/time', handle: () => ok({ now: clock.now() }) },
  { method: 'GET', path: '/livez', handle: () => ok({ status: 'ok' }) },
  {
    method: 'GET',
    path: '/readyz',
    handle: () => {
      if (!isReady()) throw new PodiumError('unavailable')
      return ok({ status: 'ok' })
    },
  },
]
