import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsc = join(root, 'node_modules/.bin/tsc')

const APP = `
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { createClient } from '@podium/client'
import { useCountdown, usePlayer } from '@podium/react'

const credentials = { sessionId: 's', playerId: 'p', token: 'x', nickname: 'Mia' }
const player = createClient({ baseUrl: 'http://127.0.0.1:1' }).player(credentials)
const Game = () => {
  const { board, connection } = usePlayer(player)
  return createElement('p', null, connection.status, board.playerCount, useCountdown(player, undefined))
}
console.log(renderToString(createElement(Game)))
`

t.test('the package works in an app outside the repository, next to @podium/client', async (t) => {
  const app = t.testdir({ 'package.json': '{ "type": "module" }', 'app.mjs': APP, node_modules: {} })
  const run = async (cwd: string, file: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(file, args, { cwd, env: { ...process.env, NODE_OPTIONS: '' } })).stdout
  const modules = join(app, 'node_modules')
  for (const name of ['client', 'react']) {
    const source = join(root, 'services', name)
    const target = join(modules, '@podium', name)
    mkdirSync(target, { recursive: true })
    cpSync(join(source, 'package.json'), join(target, 'package.json'))
    // As `npm pack` builds it, but with the client of this app.
    const build = {
      extends: join(source, 'tsconfig.build.json'),
      compilerOptions: {
        outDir: join(target, 'dist'),
        ...(name === 'react' && { paths: { '@podium/client': [join(modules, '@podium/client/dist/index.d.ts')] } }),
      },
    }
    writeFileSync(join(app, `build-${name}.json`), JSON.stringify(build))
    await run(source, tsc, '-p', join(app, `build-${name}.json`))
  }
  for (const name of ['react', 'react-dom', '@types', 'scheduler', 'csstype']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  t.equal((await run(app, process.execPath, 'app.mjs')).trim(), '<p>idle<!-- -->0<!-- -->0</p>')

  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    noEmit: true,
  }
  const use = `import { type PlayerView, usePlayer } from '@podium/react'\nexport const view: (...args: Parameters<typeof usePlayer>) => PlayerView = usePlayer\n`
  writeFileSync(join(app, 'use.ts'), use)
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['use.ts'] }))
  await run(app, tsc, '-p', '.').catch((error: { stdout: string }) => t.fail(error.stdout))
  t.pass('its types are found')
})
