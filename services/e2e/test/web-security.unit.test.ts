import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../deploy/local/paths.ts'
import { securityHeaders } from '../../../deploy/local/web/pages.ts'

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const web = (pattern: string): string[] => globSync(`services/web/${pattern}`, { cwd: projectRoot })

/** `script-src 'self'` → the sources of `script-src`. */
const sourcesOf = (policy: string): Map<string, string> =>
  new Map(policy.split(';').map((part) => part.trim().split(/ (.*)/) as [string, string]))

t.test('both content security policies allow scripts and styles of the pages own files alone', async (t) => {
  const policies = {
    local: securityHeaders('localhost', 8080)['Content-Security-Policy'],
    nginx: /Content-Security-Policy "([^"]+)"/.exec(read('deploy/nginx/podium.conf'))?.[1],
  }
  for (const [name, policy = ''] of Object.entries(policies)) {
    const sources = sourcesOf(policy)
    t.equal(sources.get('default-src'), "'none'", name)
    t.equal(sources.get('script-src'), "'self'", name)
    t.equal(sources.get('style-src'), "'self'", name)
    t.equal(sources.get('base-uri'), "'none'", name)
    t.equal(sources.get('frame-ancestors'), "'none'", name)
    t.equal(sources.get('require-trusted-types-for'), "'script'", name)
  }
})

t.test('no page has inline code', async (t) => {
  const pages = web('*.html')
  t.equal(pages.length, 3)
  for (const path of pages) t.notMatch(read(path), /<script(?![^>]*\bsrc=)|<style|\s(style|on\w+)=/i, path)
})

t.test('no page makes markup or code of a text', async (t) => {
  const sources = web('src/**/*.{ts,tsx}')
  t.ok(sources.length > 30, `${sources.length} files`)
  for (const path of sources) {
    t.notMatch(read(path), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/i, path)
  }
})
