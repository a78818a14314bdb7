import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { projectRoot } from './paths.ts'

/**
 * Runs the test files named in TEST_FILES, one per line, in this process and one after the other, each as a subtest: what a
 * file imports as `tap` is that subtest. Starting Node and loading tap takes longer than most unit tests.
 */

const subtests = new Map<string, Test>()
const scheme = 'subtest:'
const registry = Symbol.for('podium.subtests')
Object.assign(globalThis, { [registry]: subtests })

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'tap' && subtests.has(context.parentURL ?? '')
      ? { url: `${scheme}${context.parentURL}`, format: 'module', shortCircuit: true }
      : next(specifier, context),
  load(url, context, next) {
    if (!url.startsWith(scheme)) return next(url, context)
    const file = JSON.stringify(url.slice(scheme.length))
    const source = `export default globalThis[Symbol.for('${registry.description}')].get(${file})`
    return { format: 'module', source, shortCircuit: true }
  },
})

// Each file starts servers of its own, and each of them ends with the process.
process.setMaxListeners(100)

for (const path of (process.env.TEST_FILES ?? '').split('\n')) {
  await t.test(path, { timeout: 240_000 }, async (subtest) => {
    const { href } = pathToFileURL(join(projectRoot, path))
    subtests.set(href, subtest)
    await import(href)
  })
}

t.end()

// Nothing is left to do. Left to itself, Node frees its environment first, and has been seen to wait for ever for a handle then.
process.once('beforeExit', () => process.exit())

// What the tests said counts; a connection that one of them left behind is named, and keeps no other file waiting.
const LINGER_MS = 3_000
setTimeout(() => {
  console.error(`# still there after the tests: ${process.getActiveResourcesInfo().join(', ')}`)
  process.exit(t.passing() ? 0 : 1)
}, LINGER_MS).unref()
