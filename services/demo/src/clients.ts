import { createClient, type PodiumClient } from '#client'
import type { DevIssuer } from '../../../deploy/local/keys.ts'
import { type Contestant, type ContestantDeps, createContestant } from './contestant.ts'
import type { Persona } from './persona.ts'

export interface Lobby extends Omit<ContestantDeps, 'persona' | 'player' | 'players'> {
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

/** Lets every persona join with a user token of its own and open its stream; resolves when all are in. */
export const joinAll = async (
  personas: readonly Persona[],
  lobby: Lobby,
  onJoined: (joined: readonly Persona[]) => void,
): Promise<Contestant[]> => {
  const contestants: Contestant[] = []
  const joined: Persona[] = []
  const queue = [...personas]
  const usher = async (): Promise<void> => {
    for (let persona = queue.shift(); persona !== undefined; persona = queue.shift()) {
      lobby.signal.throwIfAborted()
      contestants[persona.index] = await joinOne(persona, lobby, personas.length)
      joined.push(persona)
      onJoined(joined)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, usher))
  return contestants
}

const joinOne = async (persona: Persona, lobby: Lobby, players: number): Promise<Contestant> => {
  const { baseUrl, issuer, joinCode, ...deps } = lobby
  const token = await issuer.token({ sub: `demo-player-${persona.index}`, name: persona.nickname })
  const client = createClient({ baseUrl, token })
  const player = await client.join(joinCode, { nickname: persona.nickname, transport: persona.transport })
  const contestant = createContestant({ ...deps, persona, player, players })
  await player.connect()
  return contestant
}
