import t from 'tap'
import { ConfigError, integer, loadConfig, oneOf, text, url } from '#platform/config'

const spec = {
  PORT: integer('port', { min: 1, max: 65_535 }),
  MODE: oneOf('mode', ['fast', 'safe'], 'safe'),
  SERVERS: url('servers', ['nats']),
  NAME: text('name', 'unnamed'),
}

t.test('every problem of a configuration is reported at once', async (t) => {
  const load = () => loadConfig(spec, { PORT: '80.5', MODE: 'slow' })
  t.throws(load, ConfigError)
  try {
    load()
  } catch (err) {
    t.ok(err instanceof ConfigError)
    t.same(err instanceof ConfigError && err.problems.map((problem) => problem.split(' ')[0]), [
      'PORT',
      'MODE',
      'SERVERS',
    ])
  }
})

t.test('values are parsed, defaults fill in, an empty variable counts as unset', async (t) => {
  const config = loadConfig(spec, { PORT: '8080', MODE: '', SERVERS: 'nats://a:4222,nats://b:4222' })
  t.same(config, { PORT: 8080, MODE: 'safe', SERVERS: 'nats://a:4222,nats://b:4222', NAME: 'unnamed' })
})

t.test('one bad URL among several is refused', async (t) => {
  t.throws(() => loadConfig(spec, { PORT: '1', SERVERS: 'nats://a:4222,http://b' }), /SERVERS must be a URL/)
})
