import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testFolder } from '../../../../services/platform/test/support/folder.ts'
import type { TestContext } from '../../../../services/platform/test/support/server.ts'
import { serviceNames } from '../../stack-options.ts'

/**
 * A service that does nothing but answer /readyz, log its environment and leave at SIGTERM. A file of the name of
 * its instance next to it says what else it does.
 */
const stub = `
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
const flag = new URL(process.env.INSTANCE, import.meta.url)
const trick: string = existsSync(flag) ? readFileSync(flag, 'utf8') : ''
console.log('environment ' + JSON.stringify(process.env))
if (trick === 'exit') {
  console.error('cannot start: FOO is missing')
  process.exit(1)
}
createServer((_request, response) => response.writeHead(trick === 'unready' ? 503 : 200).end())
  .listen(Number(process.env.HEALTH_PORT), '127.0.0.1')
process.on('SIGTERM', () => {
  console.log('leaving')
  if (trick !== 'stay') setTimeout(() => process.exit(0), 20)
})
`

type Tricks = Readonly<Record<string, 'exit' | 'unready' | 'stay'>>

/** What `startStack` needs to run stubs. `tricks`: what single instances do, as in `{ 'scorer-1': 'exit' }`. */
export const stubServices = async (
  t: TestContext,
  tricks: Tricks = {},
): Promise<{ readonly servicesDir: string; readonly dir: string }> => {
  const folder = await testFolder(t)
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  for (const name of [...serviceNames, 'worker']) {
    const service = join(folder, 'services', name)
    await mkdir(service, { recursive: true })
    await writeFile(join(service, 'main.ts'), stub)
    const ofService = Object.entries(tricks).filter(([instance]) => instance.startsWith(name))
    await Promise.all(ofService.map(([instance, trick]) => writeFile(join(service, instance), trick)))
  }
  return { servicesDir: join(folder, 'services'), dir: join(folder, 'stack') }
}
