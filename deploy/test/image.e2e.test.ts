import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { testFolder } from '../../services/platform/test/support/folder.ts'
import { startStack } from '../local/stack.ts'
import { filesOf, layOutImage } from './support/image-tree.ts'

const run = promisify(execFile)

t.test('what the image holds is enough to run every program, and no more than that', async (t) => {
  const folder = await testFolder(t)
  const app = join(folder, 'app')
  layOutImage(app)
  t.strictSame(
    filesOf(app).filter((path) => /(^|\/)(test|README\.md)$|^services\/(client|demo|e2e)/.test(path)),
    [],
    'neither tests nor programs for developers',
  )
  const stack = await startStack({ dir: join(folder, 'stack'), servicesDir: join(app, 'services') })
  t.teardown(() => stack.stop())
  const response = await fetch(`${stack.urls.edge}/v1/sessions`, { method: 'POST' })
  t.equal(response.status, 401, 'the edge serves')

  const { postgres, nats } = stack.urls
  const environment = { PATH: process.env.PATH, DATABASE_URL: postgres, NATS_URL: nats }
  const setup = await run(process.execPath, ['deploy/setup.ts'], { cwd: app, env: environment, timeout: 30_000 })
  t.match(setup.stdout, 'set up; migrations applied: none', 'the setup can be repeated while the services run')
  const verify = await run(process.execPath, ['services/verify/main.ts', '--help'], { cwd: app, timeout: 20_000 })
  t.match(verify.stdout, /Usage:/)
})
