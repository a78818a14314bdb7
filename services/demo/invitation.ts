import { networkInterfaces } from 'node:os'
import { generate } from 'lean-qr'

/** Where people join: the page's address, with that of this machine in its network when the stack listens there. */
export const joinUrl = (pages: string, joinCode: string, host: string | undefined): string => {
  const url = new URL(`/play/${joinCode}`, pages)
  if (host === '0.0.0.0') url.hostname = networkAddress() ?? url.hostname
  return url.href
}

const networkAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

const BLOCKS = [' ', '▄', '▀', '█'] as const
/** Modules of white around a code; without them cameras do not find it. */
const QUIET = 2

/** A QR code in half blocks, two modules in a character, black on white whatever the terminal's colours are. */
export const qrLines = (text: string): string[] => {
  const code = generate(text)
  const lines: string[] = []
  for (let y = -QUIET; y < code.size + QUIET; y += 2) {
    let line = ''
    for (let x = -QUIET; x < code.size + QUIET; x++)
      line += BLOCKS[(code.get(x, y) ? 2 : 0) + (code.get(x, y + 1) ? 1 : 0)]
    lines.push(`\u001b[30;107m${line}\u001b[0m`)
  }
  return lines
}
