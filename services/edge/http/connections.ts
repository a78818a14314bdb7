import { App, type HttpRequest, type HttpResponse, SSLApp, type TemplatedApp } from 'uWebSockets.js'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { PodiumError } from '#platform/errors'
import type { ProblemContext } from './problem.ts'
import { type Reply, type ResponseHead, writeReply } from './reply.ts'

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

/** Connections beyond the cap are answered with 503 and closed before they have sent anything; those that are open stay. */
export const capConnections = ({
  app,
  max,
  head,
  isSecure,
  refusal,
}: {
  readonly app: TemplatedApp
  readonly max: number
  readonly head: ResponseHead
  /** Connections speak TLS: nothing can be said before the handshake. */
  readonly isSecure: boolean
  /** The response to a connection that is one too many. */
  readonly refusal: (error: PodiumError, context: ProblemContext) => Reply
}) => {
  let count = 0
  // Called with 1 for a new connection, with -1 when it is gone.
  const onConnection = (res: HttpResponse, change: number): void => {
    count += change
    if (change < 0 || count <= max) return
    const error = new PodiumError('unavailable', { cause: new Error('too many connections') })
    const traceId = randomBytes(16).toString('hex')
    const reply = refusal(error, { path: '/', traceId: () => traceId })
    if (isSecure) res.close()
    else writeReply(res, { ...reply, close: true }, head)
  }
  app.filter((res, change) => onConnection(res, Number(change)))
  return {
    /** A WebSocket has closed: the driver does not count those down by itself. */
    socketClosed: () => {
      count -= 1
    },
  }
}

/** Names the network that a request comes from, for limits that count per address. */
export interface ClientAddresses {
  /**
   * Must be called before the driver's callback returns. The result is to be called, if at all, while the client is still
   * there: an IPv4 address, or the /64 of an IPv6 one; '' if unknown. Almost no answer needs it, and it costs a microsecond.
   */
  of(res: Pick<HttpResponse, 'getRemoteAddressAsText'>, req: Pick<HttpRequest, 'forEach'>): () => string
}

/**
 * `proxies`: addresses and networks (`10.0.0.0/8`) whose X-Forwarded-For is believed. Each proxy appends the address that it
 * was called from, so that the last one that is not a proxy's is the client's; what stands before it may be invented.
 * @throws Error for what is neither an address nor a network
 */
export const createClientAddresses = (proxies: readonly string[] = []): ClientAddresses => {
  const trusted = new BlockList()
  for (const proxy of proxies) addTo(trusted, proxy)
  const isTrusted = (address: string): boolean => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

  const clientOf = (peer: string, forwardedFor: string): string => {
    if (forwardedFor === '' || !isTrusted(peer)) return peer
    let client = peer
    for (const hop of forwardedFor.split(',').reverse()) {
      const address = plain(hop.trim())
      if (isIP(address) === 0) break
      client = address
      if (!isTrusted(address)) break
    }
    return client
  }

  return {
    of: (res, req) => {
      const forwardedFor = proxies.length === 0 ? '' : forwardedForOf(req)
      return () => {
        const peer = plain(Buffer.from(res.getRemoteAddressAsText()).toString('latin1'))
        return isIP(peer) === 0 ? '' : networkOf(clientOf(peer, forwardedFor))
      }
    },
  }
}

/** A proxy may add a line of its own instead of to the one that is there: the first may be the client's invention. */
const forwardedForOf = (req: Pick<HttpRequest, 'forEach'>): string => {
  const lines: string[] = []
  req.forEach((name, value) => {
    if (name === 'x-forwarded-for' && value !== '') lines.push(value)
  })
  return lines.join(',')
}

const addTo = (list: BlockList, text: string): void => {
  const [address = '', prefix] = text.split('/')
  const family = isIP(address)
  const bits = Number(prefix)
  if (family === 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) throw new Error(`${text} is no address`)
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (prefix === undefined) list.addAddress(address, type)
  else list.addSubnet(address, bits, type)
}

/** `::ffff:192.0.2.1` and its long form are 192.0.2.1. */
const plain = (address: string): string => {
  const mapped = /^(?:0{0,4}:){2,5}ffff:(.+)$/i.exec(address)?.[1]
  if (mapped === undefined || isIP(address) === 0) return address
  if (isIPv4(mapped)) return mapped
  const [high = Number.NaN, low = Number.NaN] = mapped.split(':').map((part) => Number.parseInt(part, 16))
  const numbers = [high >> 8, high & 255, low >> 8, low & 255]
  return isIPv4(numbers.join('.')) ? numbers.join('.') : address
}

/** A household or a server has a /64 at least, so that single IPv6 addresses are as good as random. */
const networkOf = (address: string): string => {
  if (isIPv4(address)) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
  const groups = [...front, ...zeros, ...back].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${groups.join(':').toLowerCase()}::/64`
}
