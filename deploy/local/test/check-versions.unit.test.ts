import t from 'tap'
import { findVersionProblems, type Lock, type Manifest } from '../check-versions.ts'

const manifest: Manifest = { dependencies: { ajv: '8.20.0', uws: 'npm:@uwsjs/core@20.51.4' } }
const lock: Lock = {
  packages: {
    '': manifest,
    'node_modules/ajv': { version: '8.20.0', integrity: 'sha512-abc' },
    'node_modules/uws': { version: '20.51.4', integrity: 'sha512-abc' },
    'node_modules/for-linux': { version: '1.0.0', os: ['linux'], cpu: ['x64'], integrity: 'sha512-abc' },
    'node_modules/other-platform': { version: '1.0.0', os: ['darwin'], cpu: ['arm64'] },
    'node_modules/other-cpu': { version: '1.0.0', os: ['linux'], cpu: ['arm64'] },
  },
}
const withPackages = (more: Lock['packages']): Lock => ({ packages: { ...lock.packages, ...more } })

t.test('exact versions that the lock file has are fine, and so is npm ci', async (t) => {
  const texts = [{ path: 'Dockerfile', text: 'RUN npm ci --omit=dev\n  quietly npm install --no-save && true' }]
  t.same(findVersionProblems(manifest, lock, texts), [])
})

t.test('a range is a problem', async (t) => {
  for (const range of ['^8.20.0', '~8.20.0', '8', '*', 'latest', '>=8.0.0', 'github:ajv/ajv', 'npm:ajv@^8.0.0']) {
    t.match(findVersionProblems({ dependencies: { ajv: range } }, lock, []), [/package.json: ajv is/], range)
  }
})

t.test('so are a lock file that differs, an entry without a hash, and an installation past it', async (t) => {
  const packages = [
    { '': { dependencies: { ajv: '8.19.0', uws: 'npm:@uwsjs/core@20.51.4' } } },
    { 'node_modules/ajv': { version: '8.19.0', integrity: 'sha512-abc' } },
    { 'node_modules/ajv': { version: '8.20.0' } },
    { 'node_modules/deep': { version: '1.0.0', integrity: 'sha1-abc' } },
    { 'node_modules/for-linux': { version: '1.0.0', os: ['linux'], cpu: ['x64'] } },
  ]
  for (const more of packages) t.equal(findVersionProblems(manifest, withPackages(more), []).length, 1)
  const texts = ['npm install ajv', 'npm i', 'npm add -D x', 'npm update'].map((text) => ({ path: 'a.sh', text }))
  t.equal(findVersionProblems(manifest, lock, texts).length, 4)
})
