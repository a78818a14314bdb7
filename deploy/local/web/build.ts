import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { projectRoot } from '../paths.ts'
import { withSettings } from './pages.ts'

const dist = join(projectRoot, '.podium/web')
const stampFile = join(dist, '.sources')

const sources = [
  'services/web/*.{html,ts}',
  'services/web/{src,public}/**/*.*',
  'services/{react,client}/src/**/*.ts',
  'package-lock.json',
]

/** The folder with the built pages; builds them, which takes a second or two, when a source has changed since the last time. */
export const builtPages = async (): Promise<string> => {
  const hash = createHash('sha256')
  for (const path of globSync(sources, { cwd: projectRoot }).sort()) {
    hash.update(path).update(readFileSync(join(projectRoot, path)))
  }
  const stamp = hash.digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return dist
  const vite = join(projectRoot, 'node_modules/vite/bin/vite.js')
  rmSync(dist, { recursive: true, force: true })
  for (const mode of ['play', 'desk']) {
    await promisify(execFile)(
      process.execPath,
      [vite, 'build', '--config', 'services/web/vite.config.ts', '--mode', mode],
      {
        cwd: projectRoot,
        env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
      },
    )
  }
  writeFileSync(stampFile, stamp)
  return dist
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' }, settings: { type: 'string', default: '{}' } } })
  const built = await builtPages()
  if (values.out !== undefined) {
    const { out } = values
    const settings = JSON.parse(values.settings)
    cpSync(built, out, { recursive: true })
    for (const name of readdirSync(out).filter((name) => name.endsWith('.html'))) {
      writeFileSync(join(out, name), withSettings(readFileSync(join(out, name), 'utf8'), settings))
    }
  }
  console.log(`The pages are in ${values.out ?? built}`)
}
