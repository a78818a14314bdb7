import type { Test } from 'tap'
import { serviceNames } from '../../stack-options.ts'

/**
 * A service that does nothing but answer /readyz, log its environment and leave at SIGTERM. A file of the name of
 * its instance next to it says what else it does.
 */
const stub = `
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
const flag = new URL('../' + process.env.INSTANCE, import.meta.url)
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

/** A folder for \`servicesDir\`. \`tricks\`: what single instances do, as in \`{ 'scorer-1': 'exit' }\`. */
export const stubServices = (
  t: Test,
  tricks: Readonly<Record<string, 'exit' | 'unready' | 'stay'>> = {},
): { readonly servicesDir: string; readonly dir: string } => {
  const services = Object.fromEntries(
    serviceNames.map((name) => [
      name,
      {
        src: { 'main.ts': stub },
        ...Object.fromEntries(Object.entries(tricks).filter(([instance]) => instance.startsWith(name))),
      },
    ]),
  )
  const folder = t.testdir({ services })
  return { servicesDir: `${folder}/services`, dir: `${folder}/stack` }
}
