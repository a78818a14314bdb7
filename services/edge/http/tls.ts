import { App, SSLApp, type TemplatedApp } from 'uWebSockets.js'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface TlsFiles {
  /** PEM: the certificate, behind it the intermediate ones. */
  readonly certFile: string
  /** PEM, without passphrase. */
  readonly keyFile: string
}

/** Undefined when neither is set. @throws Error when only one of them is */
export const tlsFiles = (certFile: string, keyFile: string): TlsFiles | undefined => {
  if (certFile === '' && keyFile === '') return undefined
  if (certFile === '' || keyFile === '') throw new Error('EDGE_TLS_CERT_FILE and EDGE_TLS_KEY_FILE go together')
  return { certFile, keyFile }
}

/** An app of the driver, with TLS where files are given. @throws Error when they cannot be used; the driver itself would not say why */
export const createApp = (tls: TlsFiles | undefined): TemplatedApp => {
  if (tls === undefined) return App()
  const certificate = new X509Certificate(readFileSync(tls.certFile))
  if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(tls.keyFile)))) {
    throw new Error(`${tls.keyFile} is not the key of the certificate in ${tls.certFile}`)
  }
  return SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile })
}
