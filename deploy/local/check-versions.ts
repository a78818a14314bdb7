import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './paths.ts'

/** That package-lock.json alone says which versions are installed, here and everywhere. Used by `make check`. */

type Dependencies = Readonly<Record<string, string>>

export type Manifest = { readonly dependencies?: Dependencies; readonly devDependencies?: Dependencies }

export type Lock = {
  readonly packages: Readonly<
    Record<string, Manifest & { version?: string; integrity?: string; link?: boolean; os?: string[]; cpu?: string[] }>
  >
}

/** The platform that is supported (docs/adr/0004). On others the edge's binary would be installed unchecked. */
const PLATFORM = { os: 'linux', cpu: 'x64' }

/** A script or document that may install something. */
export type Text = { readonly path: string; readonly text: string }

const exact = /^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/

/** Sentences, one for each place where a version could come from somewhere else. */
export const findVersionProblems = (manifest: Manifest, lock: Lock, texts: readonly Text[]): readonly string[] => [
  ...[manifest.dependencies ?? {}, manifest.devDependencies ?? {}].flatMap((wanted) => problemsOf(wanted, lock)),
  ...Object.entries(lock.packages)
    .filter(([name, { link, os = [PLATFORM.os], cpu = [PLATFORM.cpu] }]) => {
      return name !== '' && !link && os.includes(PLATFORM.os) && cpu.includes(PLATFORM.cpu)
    })
    .filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    .map(([name]) => `package-lock.json: ${name} has no sha512; anything could be installed in its place`),
  ...texts.flatMap(problemsIn),
]

const problemsOf = (wanted: Dependencies, lock: Lock): readonly string[] => {
  const root = lock.packages['']
  const locked: Dependencies = { ...root?.dependencies, ...root?.devDependencies }
  return Object.entries(wanted).flatMap(([name, range]) => {
    const version = range.slice(range.lastIndexOf('@') + 1)
    if (!exact.test(range)) return [`package.json: ${name} is "${range}"; name one version`]
    if (locked[name] !== range) return [`package-lock.json: has "${locked[name]}" for ${name}, package.json "${range}"`]
    const installed = lock.packages[`node_modules/${name}`]?.version
    return installed === version ? [] : [`package-lock.json: installs ${installed} of ${name}, not ${version}`]
  })
}

/** `npm ci` installs what the lock file says; so does `npm install --no-save` without a name. */
const problemsIn = ({ path, text }: Text): readonly string[] =>
  [...text.matchAll(/\bnpm (?:install|i|add|update)\b[^\n&|;]*/g)]
    .map(([command]) => command.trim())
    .filter((command) => command !== 'npm install --no-save' && !command.startsWith('npm install --save-exact'))
    .map((command) => `${path}: "${command}"; use npm ci`)

if (import.meta.main) {
  const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')
  const scripts = ['Makefile', 'Dockerfile', '.ci/*', '*.md', '{deploy,docs,bench,services}/**/*.{sh,md,yaml}']
  const paths = globSync(scripts, { cwd: projectRoot, exclude: (path) => path.includes('node_modules') }).sort()
  const texts = paths.map((path) => ({ path, text: read(path) }))
  const problems = findVersionProblems(JSON.parse(read('package.json')), JSON.parse(read('package-lock.json')), texts)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
