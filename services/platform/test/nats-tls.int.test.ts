import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { natsOptions } from '#platform/nats'
import { requireProgram } from '../../../deploy/local/programs.ts'
import { ask } from '../../../deploy/local/servers/ask.ts'
import { createServer, serverEnvironment } from '../../../deploy/local/servers/server.ts'
import { noCertificates, trustedCertificate } from './support/certificate.ts'
import { startNats } from './support/nats.ts'
import { startServer } from './support/server.ts'

t.test('tls:// means TLS, with a certificate that is trusted', { skip: noCertificates }, async (t) => {
  const { certFile, keyFile } = await trustedCertificate(t)
  const server = await startServer(t, ({ dataDir }) =>
    createServer(
      { dataDir },
      {
        name: 'nats',
        stopSignal: 'SIGTERM',
        stopTimeoutMs: 5_000,
        url: (port) => `tls://edge:ptest@localhost:${port}`,
        command: (port) => ({
          file: requireProgram('nats-server'),
          args: [
            ...['-a', '127.0.0.1', '-p', String(port), '--user', 'edge', '--pass', 'ptest'],
            ...['--tls', '--tlscert', certFile, '--tlskey', keyFile],
          ],
          env: serverEnvironment(),
        }),
        probe: async (port) => {
          await ask(port, '', /INFO .*\r\n/)
        },
      },
    ),
  )
  const attempt = (url: string) => connect({ ...natsOptions(url, 'edge'), reconnect: false })
  const nc = await attempt(server.url)
  await nc.flush()
  await nc.close()

  const plain = await startNats(t)
  await t.rejects(attempt(plain.url.replace('nats:', 'tls:')), /tls/i, 'a server without TLS is no choice')
  setDefaultCACertificates(getCACertificates('bundled'))
  await t.rejects(attempt(server.url), /self-signed/, 'nor is one without a known authority')
})
