import { randomBytes, randomInt } from 'node:crypto'
import { newId } from '#platform/ids'
import type { Chance } from '../ports.ts'
import { JOIN_CODE_LENGTH, joinCodeFrom } from './join-code.ts'

/** randomInt takes no wider range. */
const SEEDS = 2 ** 48 - 1

export const chance: Chance = {
  id: newId,
  seed: () => randomInt(SEEDS),
  joinCode: () => joinCodeFrom(randomBytes(JOIN_CODE_LENGTH)),
  nameTag: () => joinCodeFrom(randomBytes(4)),
}
