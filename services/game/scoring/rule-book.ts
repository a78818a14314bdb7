import { flatRule1 } from './flat-rule.ts'
import type { Rule } from './rule.ts'
import { speedRule1 } from './speed-rule.ts'

/** Every rule that a session was ever played with. A new version is a new line; no line is ever taken out. */
export const RULES: readonly Rule[] = [speedRule1, flatRule1]

/** Finds a rule by name and version, undefined when there is none such. */
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
