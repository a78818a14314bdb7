import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { projectRoot } from '../../local/paths.ts'
import { readDockerfile } from './dockerfile.ts'

/**
 * Lays out in a folder what the image has in /app: the files that the Dockerfile copies, without those that .dockerignore
 * keeps out, and production packages only (as links).
 */
export const layOutImage = (folder: string): void => {
  const isIgnored = ignoreRules()
  for (const { sources, target } of readDockerfile().copies) {
    for (const source of sources) {
      const from = join(projectRoot, source)
      if (!existsSync(from)) throw new Error(`the Dockerfile copies ${source}, which is not there`)
      const to = join(folder, target.endsWith('/') ? join(target, basename(source)) : target)
      mkdirSync(dirname(to), { recursive: true })
      cpSync(from, to, { recursive: true, filter: (path) => !isIgnored(relative(projectRoot, path)) })
    }
  }
  linkProductionPackages(folder)
}

/** As Docker reads .dockerignore: the last rule that matches a path or a folder above it decides. */
const ignoreRules = (): ((path: string) => boolean) => {
  const rules = readFileSync(join(projectRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: line.replace(/^!/, '') }))
    .map(({ keeps, pattern }) => ({ keeps, expression: new RegExp(`^${toExpression(pattern)}(/|$)`) }))
  return (path) => !(rules.findLast(({ expression }) => expression.test(path))?.keeps ?? true)
}

const toExpression = (pattern: string): string =>
  pattern.replaceAll('.', '\\.').replaceAll('**/', '\0').replaceAll('*', '[^/]*').replaceAll('\0', '(.*/)?')

const linkProductionPackages = (folder: string): void => {
  const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  for (const [path, { dev }] of Object.entries(packages)) {
    // What lies deeper comes with the package around it.
    if (dev === true || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !existsSync(join(projectRoot, path))) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(join(projectRoot, path), join(folder, path))
  }
}

/** Paths of the files in a laid out image, without packages. */
export const filesOf = (folder: string): readonly string[] =>
  globSync('**/*', { cwd: folder, exclude: (path) => path === 'node_modules' })
