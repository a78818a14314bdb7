import t from 'tap'
import { createClientAddresses } from '../../http/connections.ts'

const addressOf = (proxies: readonly string[], peer: string, ...forwardedFor: readonly string[]): string =>
  createClientAddresses(proxies).of(
    { getRemoteAddressAsText: () => new TextEncoder().encode(peer).buffer },
    {
      forEach: (tell) => {
        for (const line of forwardedFor) tell('x-forwarded-for', line)
        tell('host', '203.0.113.1')
      },
    },
  )()

t.test('without trusted proxies the address is that of the connection, whatever a header says', async (t) => {
  t.equal(addressOf([], '192.0.2.1', '198.51.100.7'), '192.0.2.1')
  t.equal(addressOf(['10.0.0.0/8'], '192.0.2.1', '198.51.100.7'), '192.0.2.1', 'not from a proxy')
  t.equal(addressOf([], ''), '')
})

t.test('behind proxies it is the last one that is not a proxy', async (t) => {
  const proxies = ['10.0.0.0/8', '127.0.0.1', '2001:db8:ffff::/48']
  t.equal(addressOf(proxies, '10.1.2.3', '198.51.100.7'), '198.51.100.7')
  t.equal(addressOf(proxies, '10.1.2.3', '1.1.1.1, 198.51.100.7, 10.9.9.9'), '198.51.100.7', 'the first is invented')
  t.equal(addressOf(proxies, '10.1.2.3', 'rubbish'), '10.1.2.3')
  t.equal(addressOf(proxies, '10.1.2.3', 'rubbish, 10.9.9.9'), '10.9.9.9')
  t.equal(addressOf(proxies, '2001:db8:ffff::1', '198.51.100.7'), '198.51.100.7')
  t.equal(addressOf(proxies, '::ffff:127.0.0.1', '198.51.100.7'), '198.51.100.7')
})

t.test('a proxy that adds a line of its own is not outvoted by the line of a client', async (t) => {
  const proxies = ['10.0.0.0/8']
  t.equal(addressOf(proxies, '10.1.2.3', '1.1.1.1', '198.51.100.7'), '198.51.100.7')
  t.equal(addressOf(proxies, '10.1.2.3', '1.1.1.1, 10.9.9.9', '198.51.100.7, 10.9.9.9'), '198.51.100.7')
  t.equal(addressOf(proxies, '10.1.2.3', '1.1.1.1', '', '198.51.100.7'), '198.51.100.7')
})

t.test('rubbish in a header names no other address', async (t) => {
  const proxies = ['10.0.0.0/8']
  const rubbish = [
    ',',
    ',,,,',
    ' ',
    'unknown',
    '_hidden',
    '198.51.100.7:1234',
    '[::1]',
    '1.2.3',
    '::ffff:999.1.1.1',
    '0x7f.1',
  ]
  for (const text of [...rubbish, '\0', `${'1'.repeat(4_000)}`, 'fe80::1%'.repeat(400), 'for=1.1.1.1'])
    t.equal(addressOf(proxies, '10.1.2.3', `1.1.1.1,${text}`), '10.1.2.3', text.slice(0, 30))
})

t.test('addresses of one IPv6 network are one, and IPv4 is IPv4 however it is written', async (t) => {
  const same = ['2001:db8:1:2::1', '2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:DB8:1:2:3::']
  for (const address of same) t.equal(addressOf([], address), '2001:db8:1:2::/64')
  t.equal(addressOf([], '::1'), '0:0:0:0::/64')
  t.equal(addressOf([], '::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(addressOf([], '0000:0000:0000:0000:0000:ffff:c000:0201'), '192.0.2.1')
})

t.test('a configuration that names no address is refused', async (t) => {
  for (const bad of ['proxy.example', '10.0.0.0/x', '10.0.0.0/99', ''])
    t.throws(() => createClientAddresses([bad]), bad)
})
