import type { Observation } from './run.ts'

const INTRODUCTION = `# Attacks, and what comes of them

Written by \`npm run attacks\`, which tries them all on a whole Podium; \`npm run attacks -- --check\` compares. The same list is
part of \`make test\`. A number is the HTTP status, behind it the \`code\` of the problem document (the driver's own responses
have none); "closed" means that the edge closed the connection. WebSockets: the close code, 1006 when there was none.
`

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The document with the table. */
export const attacksTable = (observations: readonly Observation[]): string => {
  const groups = Map.groupBy(observations, ({ attack }) => attack.group)
  const tables = [...groups].map(([group, members]) => {
    const rows = members.map(
      ({ attack, observed }) => `| ${cell(attack.name)} | ${cell(attack.expected)} | ${cell(observed)} |`,
    )
    return [`\n## ${group}\n`, '| Attack | Expected | Observed |', '|---|---|---|', ...rows, ''].join('\n')
  })
  return `${INTRODUCTION}${tables.join('')}`
}
