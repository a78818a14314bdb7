import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'

export interface OperatorRoutesDeps {
  readonly clock: Clock
  /** True while answers can be accepted. */
  readonly isReady: () => Promise<boolean>
}

export const operatorRoutes = ({ clock, isReady }: OperatorRoutesDeps): readonly Route[] => [
  { method: 'GET', path: '/v1/time', handle: () => ok({ now: clock.now() }) },
  { method: 'GET', path: '/livez', handle: () => ok({ status: 'ok' }) },
  {
    method: 'GET',
    path: '/readyz',
    handle: async () => {
      if (!(await isReady())) throw new PodiumError('unavailable')
      return ok({ status: 'ok' })
    },
  },
]
