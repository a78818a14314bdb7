import { configSpec as evaluatorSpec } from '../evaluator/config.ts'
import { configSpec as leaderboardSpec } from '../leaderboard/config.ts'
import { configSpec as scorerSpec } from '../scorer/config.ts'

export const configSpec = { ...evaluatorSpec, ...scorerSpec, ...leaderboardSpec } as const
