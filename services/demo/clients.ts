import { createClient, type PodiumClient } from '#client'
import type { DevIssuer } from '../../deploy/local/keys.ts'
import type { Persona } from '../client/testing/persona.ts'
import { type Contestant, type ContestantDeps, createContestant } from './contestant.ts'

export interface Lobby extends Omit<ContestantDeps, 'persona' | 'enter'> {
  readonly baseUrl: string
  readonly issuer: DevIssuer
  readonly joinCode: string
}

/** Players who come in at the same time. */
const AT_ONCE = 20

export const hostClient = async (
  baseUrl: string,
  issuer: DevIssuer,
): Promise<{ host: PodiumClient; token: string }> => {
  const token = await issuer.token({ sub: 'demo-host', name: 'Demo host', roles: ['host'] })
  return { host: createClient({ baseUrl, token }), token }
}

/** Lets personas join with a user token of their own and open their streams; resolves when all are in. */
export const joinAll = async (
  personas: readonly Persona[],
  lobby: Lobby,
  onJoined: (contestant: Contestant) => void,
): Promise<void> => {
  const queue = [...personas]
  const usher = async (): Promise<void> => {
    for (let persona = queue.shift(); persona !== undefined; persona = queue.shift()) {
      lobby.signal.throwIfAborted()
      onJoined(await joinOne(persona, lobby))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, usher))
}

export const joinOne = async (persona: Persona, lobby: Lobby): Promise<Contestant> => {
  const { baseUrl, issuer, joinCode, ...deps } = lobby
  const { nickname, index } = persona
  const token = await issuer.token({ sub: `demo-player-${index}`, name: nickname })
  const client = createClient({ baseUrl, token })
  return createContestant({ ...deps, persona, enter: (options) => client.join(joinCode, { nickname, ...options }) })
}
