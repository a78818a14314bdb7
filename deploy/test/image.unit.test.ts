import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../local/paths.ts'
import { readDockerfile } from './support/dockerfile.ts'

const image = readDockerfile()

t.test('the image says how it is run: unprivileged, without a shell, watched', (t) => {
  const texts = (name: string) => image.instructions.filter((each) => each.name === name).map(({ text }) => text)
  t.strictSame(texts('USER'), ['nonroot'])
  t.strictSame(texts('ENTRYPOINT'), ['["/usr/local/bin/node"]'])
  t.strictSame(texts('RUN'), [], 'nothing runs in the last stage, which has no shell')
  t.match(texts('HEALTHCHECK')[0], /\/livez/)
  t.strictSame(image.exposed, [Number(image.env.EDGE_PORT), Number(image.env.HEALTH_PORT)])
  t.end()
})

t.test('the image has the Node.js that is developed with', (t) => {
  const { devDependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  t.equal(image.nodeVersion, devDependencies.node)
  t.end()
})
