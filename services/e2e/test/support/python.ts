import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The second client, in Python, that was written from docs/protocol.md. */
const CLIENT = fileURLToPath(new URL('../../interop/podium.py', import.meta.url))

/** Where `make setup` unpacks Debian's package of the system's Python. */
const PYTHONPATH = fileURLToPath(new URL('../../../../.podium/python/usr/lib/python3/dist-packages', import.meta.url))
const env = { ...process.env, PYTHONPATH }

const findPython = async (): Promise<string | undefined> => {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const found = await run(python, ['-c', 'import websockets'], { env }).catch(() => undefined)
    if (found !== undefined) return python
  }
  return undefined
}

const python = await findPython()

/** For `t.test`: why the second client cannot run here. */
export const withoutPython =
  python === undefined && 'no python3 with websockets (make setup unpacks it on Debian and Ubuntu)'

/** Runs the second client and resolves with what it printed; rejects when it fails. */
export const runPython = async (...args: readonly string[]): Promise<string> =>
  (await run(python ?? 'python3', [CLIENT, ...args], { env, timeout: 120_000 })).stdout
