import type { Route } from '../router.ts'
import { type OperatorRoutesDeps, operatorRoutes } from './operator.ts'
import { type PlayerRoutesDeps, playerRoutes } from './players.ts'
import { type QuizRoutesDeps, quizRoutes } from './quizzes.ts'
import { type SessionRoutesDeps, sessionRoutes } from './sessions.ts'

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
