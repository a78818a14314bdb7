import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { findProgram } from '../../../../deploy/local/programs.ts'
import { testFolder } from './folder.ts'
import type { TestContext } from './server.ts'

export interface TestCertificate {
  readonly certFile: string
  readonly keyFile: string
}

/** A reason to skip a test that needs certificates, or false. */
export const noCertificates: string | false = findProgram('openssl') === undefined && 'openssl is not installed'

/**
 * A certificate for localhost that signs itself. This process trusts it until the teardown, so that `fetch` and `WebSocket`
 * work as they do with a certificate of an authority.
 */
export const trustedCertificate = async (t: TestContext): Promise<TestCertificate> => {
  const folder = await testFolder(t)
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await promisify(execFile)(findProgram('openssl') ?? 'openssl', [
    ...args,
    ...names,
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ])
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, await readFile(certFile, 'utf8')])
  t.teardown(() => setDefaultCACertificates(before))
  return { certFile, keyFile }
}
