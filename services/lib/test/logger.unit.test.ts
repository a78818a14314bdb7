import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { projectRoot } from '../../../deploy/local/paths.ts'

/** What a logger writes to standard output, which it reaches past this process' own streams. */
const logged = async (call: string): Promise<string> => {
  const program = `
    import { createLogger } from '#lib/logger'
    const logger = createLogger({ service: 'test', instance: 'test', level: 'info' })
    ${call}`
  const args = ['--input-type=module', '--eval', program]
  return (await promisify(execFile)(process.execPath, args, { cwd: projectRoot })).stdout
}

t.test('what drivers add to their errors is not logged', async (t) => {
  const redis = `Object.assign(new Error('WRONGPASS'), { command: { name: 'hello', args: ['3', 'AUTH', 'x', 'canary'] } })`
  const postgres = `Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (nickname_key)=(canary)' })`
  const lines = await logged(
    `logger.warn({ err: ${redis} }, 'Redis error'); logger.error({ err: ${postgres} }, 'failed')`,
  )
  t.match(lines, /WRONGPASS/)
  t.match(lines, /23505/)
  t.notMatch(lines, /canary/)
})

t.test('nor are tokens and addresses of servers', async (t) => {
  const lines = await logged(
    `logger.info({ token: 'canary', request: { authorization: 'canary' }, url: 'redis://:canary@a', kept: 'yes' }, 'x')`,
  )
  t.match(lines, /"kept":"yes"/)
  t.notMatch(lines, /canary/)
})
