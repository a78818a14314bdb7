import { newAnswerId } from '#client'
import type { Stack } from '../../deploy/local/stack.ts'
import { createCrowd, ledgerChecks, openNextQuestion, RIGHT_CHOICE } from '../lib/crowd.ts'
import { stackCpu } from '../lib/stack-cpu.ts'
import type { SessionTarget } from './session-round.ts'

/** A session of so many players on a running stack; everybody is right, so that every answer shows on the board. */
export const podiumSession = async (stack: Stack, players: number, questions: number): Promise<SessionTarget> => {
  const crowd = await createCrowd(stack, { players, questions })
  const path = `/v1/sessions/${crowd.sessionId}`
  return {
    name: 'Podium',
    port: Number(new URL(stack.urls.edge).port),
    feed: 'podium',
    streams: crowd.players.map(({ token }) => ({ path: `${path}/ws`, token })),
    open: async () => {
      const { questionId } = await openNextQuestion(crowd)
      return crowd.players.map(({ token }) => ({
        path: `${path}/answers`,
        token,
        body: JSON.stringify({ answerId: newAnswerId(), questionId, choice: RIGHT_CHOICE }),
      }))
    },
    cpu: () => stackCpu(stack),
    checks: (accepted) => ledgerChecks(stack, crowd.sessionId, accepted),
  }
}
