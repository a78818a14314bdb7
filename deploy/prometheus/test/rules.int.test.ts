import { execFile } from 'node:child_process'
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { stringify } from 'yaml'
import { testFolder } from '../../../services/platform/test/support/folder.ts'
import { findPrometheus } from '../../local/tools/prometheus.ts'
import { expressions } from './support/sources.ts'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '..')

/** Everything that it complains about; empty when it is content. */
const complaints = (program: string, ...args: string[]): Promise<string> =>
  run(program, args, { cwd: folder, timeout: 60_000 }).then(
    () => '',
    ({ message, stdout, stderr }) => `${message}\n${stdout}${stderr}`,
  )

const program = await findPrometheus('promtool').catch((err: Error) => err)
const promtool = program instanceof Error ? '' : program.file
const skip = program instanceof Error ? `no promtool: ${program.message}` : false

t.test('Prometheus understands its configuration and every rule file', { skip }, async (t) => {
  t.equal(await complaints(promtool, 'check', 'config', 'prometheus.yaml'), '')
})

t.test('the rules do what their tests say', { skip }, async (t) => {
  const files = globSync('tests/*.yaml', { cwd: folder }).sort()
  t.ok(files.length > 0, 'there are tests of rules')
  t.equal(await complaints(promtool, 'test', 'rules', ...files), '')
})

t.test('every expression in a dashboard is PromQL', { skip }, async (t) => {
  const file = join(await testFolder(t), 'dashboards.yaml')
  const rules = expressions()
    .filter(({ where }) => where.endsWith('.json'))
    .map(({ expr }, index) => ({ record: `expression:${index}`, expr: expr.replaceAll('$__rate_interval', '1m') }))
  t.ok(rules.length > 50, `${rules.length} expressions`)
  writeFileSync(file, stringify({ groups: [{ name: 'dashboards', rules }] }))
  t.equal(await complaints(promtool, 'check', 'rules', file), '')
})
