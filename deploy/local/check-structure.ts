import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { projectRoot } from './paths.ts'

/** The rules of the source layout that no other tool knows. Used by `make check`. */

const mostLinesOfMain = 40
/** May be used by everybody. */
const shared = 'lib'
/** They use the system from outside, and each other. Every other folder in services/ is a service. */
const programs = ['client', 'demo', 'verify']
/** Tests across services may look into any of them, to see that two of them agree. */
const tests = 'e2e'

type SourceFile = { readonly path: string; readonly text: string }

/** Sentences, one for each place that breaks a rule. */
export const findProblems = (files: readonly SourceFile[]): readonly string[] => files.flatMap(problemsOf)

const problemsOf = ({ path, text }: SourceFile): readonly string[] => {
  const [, service = '', ...rest] = path.split('/')
  const problems: string[] = []
  if (rest.join('/') === 'src/main.ts' && lineCount(text) > mostLinesOfMain) {
    problems.push(`${path}: ${lineCount(text)} lines; a main.ts is a composition root of at most ${mostLinesOfMain}`)
  }
  const domain = rest[0] === 'src' && rest[1] === 'domain' ? posix.join('services', service, 'src/domain') : undefined
  for (const specifier of importsOf(text)) {
    const target = resolveImport(path, specifier)
    if (domain !== undefined && target?.startsWith(`${domain}/`) !== true) {
      problems.push(`${path}: imports ${specifier}; a domain imports nothing outside itself`)
    }
    const other = target?.startsWith('services/') === true ? target.split('/')[1] : undefined
    if (other === undefined || other === service || other === shared || service === tests) continue
    if (programs.includes(service) && programs.includes(other)) continue
    problems.push(`${path}: imports ${specifier}; a service never imports another one`)
  }
  return problems
}

/** Static, dynamic and re-exporting imports; good enough for formatted code, and comments do not look like this. */
const importsOf = (text: string): readonly string[] =>
  [
    ...text.matchAll(
      /^(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
    ),
  ]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic)
    .filter((specifier) => specifier !== undefined)

/** Path inside the project, or undefined for packages and Node's own modules. */
const resolveImport = (from: string, specifier: string): string | undefined => {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier))
  if (specifier.startsWith('#lib/')) return `services/lib/src/${specifier.slice('#lib/'.length)}.ts`
  if (specifier.startsWith('#gen/')) return `services/lib/src/gen/podium/v1/${specifier.slice('#gen/'.length)}.js`
  if (specifier === '#client') return 'services/client/src/index.ts'
  return undefined
}

const lineCount = (text: string): number => text.replace(/\n$/, '').split('\n').length

if (import.meta.main) {
  const files = globSync('services/*/{src,test}/**/*.ts', {
    cwd: projectRoot,
    exclude: (path) => path.includes('/gen/'),
  })
    .filter((path) => !path.endsWith('.d.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }))
  const problems = findProblems(files)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
