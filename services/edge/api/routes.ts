import type { Route } from '../http/router.ts'
import { type OperatorRoutesDeps, operatorRoutes } from './operator-routes.ts'
import { type PlayerRoutesDeps, playerRoutes } from './player-routes.ts'
import { type QuizRoutesDeps, quizRoutes } from './quiz-routes.ts'
import { type SessionRoutesDeps, sessionRoutes } from './session-routes.ts'

/** Every route of the API that answers with one document. */
export const apiRoutes = (
  deps: QuizRoutesDeps & SessionRoutesDeps & PlayerRoutesDeps & OperatorRoutesDeps,
): readonly Route[] => [
  ...quizRoutes(deps).map(counted),
  ...sessionRoutes(deps).map(counted),
  ...playerRoutes(deps),
  ...operatorRoutes(deps),
]

const counted = (route: Route): Route => ({ ...route, wantsAddress: true })
