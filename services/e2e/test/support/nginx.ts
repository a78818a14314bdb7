import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectRoot } from '../../../../deploy/local/paths.ts'
import { freePort } from '../../../../deploy/local/processes/ports.ts'
import { findProgram } from '../../../../deploy/local/programs.ts'
import { createServer, serverEnvironment } from '../../../../deploy/local/servers/server.ts'
import { noCertificates, type TestCertificate } from '../../../platform/test/support/certificate.ts'
import { startServer, type TestContext, type TestServer } from '../../../platform/test/support/server.ts'

/** Where setup unpacks nginx on Debian without installing it, which would start one on port 80. */
const unpacked = join(projectRoot, '.podium/nginx/usr/sbin/nginx')

const findNginx = (): string | undefined => findProgram('nginx') ?? (existsSync(unpacked) ? unpacked : undefined)

/** A reason to skip a test of nginx, or false. */
export const noNginx: string | false =
  noCertificates ||
  (findNginx() === undefined &&
    'nginx is not here: setup unpacks it where there is apt-get (once; `make clean` makes it try again), elsewhere install it')

const shipped = fileURLToPath(new URL('../../../../deploy/nginx/podium.conf', import.meta.url))

export interface TestNginx extends TestServer {
  /** Of the API, over TLS. */
  readonly origin: string
  /** Of the server that redirects all clients to the other one. */
  readonly plainOrigin: string
  accessLog(): string
}

/** A real nginx with the configuration as it is shipped, but for ports, files and edges. */
export const startNginx = async (
  t: TestContext,
  options: { readonly edges: readonly number[]; readonly certificate: TestCertificate },
): Promise<TestNginx> => {
  const plainPort = await freePort()
  let dir = ''
  const server = await startServer(t, ({ dataDir }) => {
    dir = dataDir
    return createServer(
      { dataDir },
      {
        name: 'nginx',
        stopSignal: 'SIGTERM',
        stopTimeoutMs: 5_000,
        url: (port) => `https://localhost:${port}`,
        command(port) {
          mkdirSync(dataDir, { recursive: true })
          const site = siteOf({ ...options, port, plainPort, dir: dataDir })
          writeFileSync(join(dataDir, 'podium.conf'), site)
          writeFileSync(join(dataDir, 'nginx.conf'), frameOf(dataDir))
          const file = findNginx() ?? 'nginx'
          return { file, args: ['-p', dataDir, '-c', join(dataDir, 'nginx.conf')], env: serverEnvironment() }
        },
        probe: (port) =>
          new Promise((resolve, reject) => {
            const socket = connect({ host: '127.0.0.1', port }, () => resolve(void socket.destroy()))
            socket.once('error', reject)
          }),
      },
    )
  })
  return Object.assign(server, {
    origin: server.url,
    plainOrigin: `http://localhost:${plainPort}`,
    accessLog: () => readFileSync(join(dir, 'access.log'), 'utf8'),
  })
}

/** What a system's nginx.conf has around the files for the http section. */
const frameOf = (dir: string): string => `
daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${dir}/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join('\n  ')}
  include ${dir}/podium.conf;
}
`

const siteOf = (values: {
  readonly edges: readonly number[]
  readonly certificate: TestCertificate
  readonly port: number
  readonly plainPort: number
  readonly dir: string
}): string => {
  const { edges, certificate, port, plainPort, dir } = values
  let site = readFileSync(shipped, 'utf8')
  const replace = (shippedText: string, text: string): void => {
    if (!site.includes(shippedText)) throw new Error(`podium.conf has no "${shippedText}" any more`)
    site = site.replaceAll(shippedText, text)
  }
  const edgeLine = 'server 127.0.0.1:8080 max_fails=5 fail_timeout=1s;'
  replace(edgeLine, edges.map((edge) => edgeLine.replace('8080', String(edge))).join('\n'))
  replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
  replace('listen [::]:80;', '')
  replace('listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`)
  replace('listen [::]:443 ssl http2;', '')
  replace('server_name podium.example;', 'server_name localhost;')
  replace('/etc/podium/tls/fullchain.pem', certificate.certFile)
  replace('/etc/podium/tls/privkey.pem', certificate.keyFile)
  replace('/var/log/nginx/podium.log', join(dir, 'access.log'))
  return site
}
