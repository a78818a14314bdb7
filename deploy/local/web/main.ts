import { createServer } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { devIssuerName } from '../keys.ts'
import { builtPages } from './build.ts'
import { CLIENT_ID, createLogin, LOGIN_PATH } from './login.ts'
import { createPages } from './pages.ts'

/** The pages and the login of a local stack, as a process. Never for production: the login believes every name. */
const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    api: { type: 'string', default: '8080' },
    keys: { type: 'string', default: '' },
  },
})
const port = Number(values.port)
const api = Number(values.api)

const pages = createPages(await builtPages(), {
  api: `:${api}`,
  login: {
    issuer: devIssuerName,
    discovery: `${LOGIN_PATH}/.well-known/openid-configuration`,
    clientId: CLIENT_ID,
  },
})
const login = createLogin({
  signingKeyFile: join(values.keys, 'user-signing-key.json'),
  // Browsers allow the cryptography that a login needs on these names and over TLS, nowhere else.
  redirectUris: ['localhost', '127.0.0.1'].map((name) => `http://${name}:${port}/host`),
})

const server = createServer((request, response) => {
  if (!(request.url ?? '').startsWith(`${LOGIN_PATH}/`)) return pages.handle(request, response, api)
  login.handle(request, response).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    if (!response.headersSent) response.writeHead(400, { 'Content-Type': 'text/plain' })
    response.end('This login is not possible; go back and try again.\n')
  })
})
server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(port, values.host, () => console.log(`listening on port ${port}`))
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})
