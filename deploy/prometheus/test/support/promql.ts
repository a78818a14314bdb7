/** A metric as a PromQL expression names it, with the labels that its matchers use. */
export interface Selector {
  readonly metric: string
  readonly labels: readonly string[]
}

export interface Mentions {
  readonly selectors: readonly Selector[]
  /** Of by, on, group_left … */
  readonly groupings: readonly string[]
}

const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{(?:"(?:[^"\\]|\\.)*"|[^}"])*\}|[A-Za-z_:][A-Za-z0-9_:]*|\d[\w.]*|\S/g
const GROUPINGS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'sum', 'max', 'min', 'avg', 'count', 'topk', 'bottomk'])

/** The names in an expression. Knows as much of the language as our rules and dashboards use. */
export const mentionsOf = (expr: string): Mentions => {
  const tokens = [...expr.matchAll(TOKEN)].map(([text]) => text)
  const selectors: Selector[] = []
  const groupings: string[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    const next = tokens[at + 1] ?? ''
    if (GROUPINGS.has(token)) {
      if (next !== '(') continue
      while (at < tokens.length && tokens[++at] !== ')')
        if (/^[A-Za-z_]/.test(tokens[at] ?? '')) groupings.push(tokens[at] ?? '')
    } else if (/^[A-Za-z_:]/.test(token) && next !== '(' && !WORDS.has(token)) {
      const matchers = next.startsWith('{') ? next : ''
      selectors.push({
        metric: token,
        labels: [...matchers.matchAll(/([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label),
      })
    }
  }
  return { selectors, groupings }
}
