import { accuracy1, accuracy2 } from './accuracy.ts'
import { flat1, flat2 } from './flat.ts'
import type { LagCompensation } from './lag.ts'
import type { Rule } from './rule.ts'
import { speed1, speed2 } from './speed.ts'

/** Every rule that a session was ever played with. A new version is a new line; no line is ever taken out. */
export const RULES = [speed1, flat1, accuracy1, speed2, flat2, accuracy2] as const satisfies readonly Rule[]

export type RuleName = (typeof RULES)[number]['name']
export const RULE_NAMES: readonly RuleName[] = [...new Set(RULES.map(({ name }) => name))]

/** Finds a rule by name and version; undefined when there is no such rule. */
export type RuleBook = (name: string, version: number) => Rule | undefined

/** @throws Error when two rules have the same name and version. */
export const createRuleBook = (rules: readonly Rule[]): RuleBook => {
  const byKey = new Map<string, Rule>()
  for (const rule of rules) {
    const key = keyOf(rule.name, rule.version)
    if (byKey.has(key)) throw new Error(`two rules are called ${key}`)
    byKey.set(key, rule)
  }
  return (name, version) => byKey.get(keyOf(name, version))
}

const keyOf = (name: string, version: number): string => `${name}@${version}`

/** The version that a session created now is played with; undefined for a name without a rule. */
export const newestVersion = (
  name: string,
  lag: LagCompensation,
  rules: readonly Rule[] = RULES,
): number | undefined => {
  const versions = rules.filter((rule) => rule.name === name && rule.lag === lag).map(({ version }) => version)
  return versions.length === 0 ? undefined : Math.max(...versions)
}
