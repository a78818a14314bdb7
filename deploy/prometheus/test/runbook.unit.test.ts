import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../local/paths.ts'
import { rules } from './support/sources.ts'

const folder = join(projectRoot, 'docs/runbook')
const alerts = rules().flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))
const sections = ['What it means', 'How to look', 'What to do', 'How to know that it is over']

t.test('every alert says how bad it is, what it is, and where to read on', (t) => {
  t.ok(alerts.length > 20, `${alerts.length} alerts`)
  for (const { alert, labels, annotations } of alerts) {
    t.match(labels?.severity, /^(page|ticket)$/, `${alert} has a severity`)
    t.ok(annotations?.summary, `${alert} has a summary`)
    t.ok(annotations?.description, `${alert} has a description`)
    const page = annotations?.runbook_url ?? ''
    t.ok(existsSync(join(projectRoot, page)), `${alert}: ${page}`)
    if (!existsSync(join(projectRoot, page))) continue
    t.match(readFileSync(join(projectRoot, page), 'utf8').split('\n')[0], alert, `${page} is about it`)
  }
  t.end()
})

t.test('every page is complete, about an alert, in the index, and its links lead somewhere', (t) => {
  const index = readFileSync(join(folder, 'README.md'), 'utf8')
  const linked = new Set(alerts.map(({ annotations }) => annotations?.runbook_url))
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      t.ok(existsSync(join(folder, target)), `${name} → ${target}`)
    }
    if (name === 'README.md') continue
    t.ok(linked.has(`docs/runbook/${name}`), `${name} belongs to an alert`)
    t.ok(index.includes(`(${name})`), `${name} is in the index`)
    for (const section of sections) t.ok(text.includes(`## ${section}\n`), `${name}: ${section}`)
  }
  t.end()
})
