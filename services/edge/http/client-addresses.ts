import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { BlockList, isIP, isIPv4 } from 'node:net'

/** Names the network that a request comes from, for limits that count per address. */
export interface ClientAddresses {
  /** Must be called before the driver's callback returns. An IPv4 address, or the /64 of an IPv6 one; '' if unknown. */
  of(res: Pick<HttpResponse, 'getRemoteAddressAsText'>, req: Pick<HttpRequest, 'forEach'>): string
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
      const peer = plain(Buffer.from(res.getRemoteAddressAsText()).toString('latin1'))
      if (isIP(peer) === 0) return ''
      return networkOf(proxies.length === 0 ? peer : clientOf(peer, forwardedForOf(req)))
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
