import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { newId } from '#platform/ids'
import { followRunId } from '../../services/leaderboard/redis-boards.ts'
import { serveParent } from '../lib/processes.ts'
import { repeatFor, type Turn, type TurnReport } from './program.ts'

/** The board's own script and nothing else: batches of new totals for one board, two calls on their way at a time. */

const PLAYERS = 1_000
const BATCH = 100
const WINDOW = 2
const adapters = new URL('../../services/leaderboard/', import.meta.url)

type Apply = (keys: string[], args: (string | number)[]) => Promise<unknown[]>
type Scripted = Redis & Record<'apply' | 'rebuild', Apply>

let redis: Scripted
let run: string
let version = 1
let next = 0
const keys = ['board', 'players', 'meta'].map((name) => `podium:{${newId()}}:${name}`)
const players = Array.from({ length: PLAYERS }, newId)

const entry = (index: number): (string | number)[] => {
  const member = `${(0xffffff - index).toString(16).padStart(6, '0')}:${players[index]}`
  return [member, ((version * 7_919 + index) % 100_000) * 2 ** 27, `${version} ${index}`]
}

const start = async (url: string): Promise<void> => {
  redis = new Redis(url) as Scripted
  for (const [name, file] of Object.entries({ apply: 'apply-totals-3.lua', rebuild: 'rebuild-board-3.lua' })) {
    redis.defineCommand(name, { lua: readFileSync(new URL(file, adapters), 'utf8'), numberOfKeys: 3 })
  }
  run = await followRunId(redis)()
  await redis.rebuild(keys, [run, 3_600, 1, ...players.flatMap((_, index) => entry(index))])
}

const step = async (): Promise<number> => {
  const call = async (): Promise<void> => {
    if (next === 0) version += 1
    const args = Array.from({ length: BATCH }, (_, n) => entry(next + n)).flat()
    next = (next + BATCH) % PLAYERS
    const result = await redis.apply(keys, [run, 3_600, ...args])
    if (result.length !== 3) throw new Error(`the script changed ${result.length} instead of all`)
  }
  await Promise.all(Array.from({ length: WINDOW }, call))
  return BATCH * WINDOW
}

serveParent(
  async (message: { kind: 'start'; url: string } | Turn): Promise<TurnReport | undefined> =>
    message.kind === 'start' ? void (await start(message.url)) : repeatFor(message.seconds, step),
)
