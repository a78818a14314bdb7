import t from 'tap'
import { createRedisClient } from '../redis.ts'

const optionsOf = (url: string) => {
  const client = createRedisClient(url, { lazyConnect: true, connectionName: 'test' })
  client.disconnect()
  const { name, sentinels, username, password, sentinelPassword, host, port, tls, failoverDetector } = client.options
  return { name, sentinels, username, password, sentinelPassword, host, port, tls, failoverDetector }
}

t.test('one server is reached as its URL says', async (t) => {
  const options = optionsOf('redis://leaderboard:secret@redis.example:6380')
  t.match(options, { host: 'redis.example', port: 6380, username: 'leaderboard', password: 'secret', sentinels: null })
})

t.test('Sentinels name the master; user and password are those of the first address', async (t) => {
  const url =
    'redis+sentinel://leaderboard:s%40cret@a.example:26380/podium?sentinelPassword=other,redis+sentinel://b.example/podium'
  t.match(optionsOf(url), {
    name: 'podium',
    sentinels: [
      { host: 'a.example', port: 26380 },
      { host: 'b.example', port: 26379 },
    ],
    username: 'leaderboard',
    password: 's@cret',
    sentinelPassword: 'other',
    failoverDetector: true,
    tls: undefined,
  })
  t.match(optionsOf('rediss+sentinel://a.example/podium'), { tls: {}, sentinelPassword: null })
})
