import { parseArgs } from 'node:util'
import { createDevIssuer, type DevClaims, subjectOf } from './keys.ts'
import { podiumDir } from './paths.ts'

const usage = `Usage: npm run -s token -- --name NAME [--role ROLE]… [--sub ID] [--ttl TIME]

Prints a user token of the development issuer.

  --name NAME   shown to others; also decides the user id unless --sub is given
  --role ROLE   "host" may create quizzes and sessions; repeat for several roles; default none
  --sub ID      user id; default derived from the name, so that the same name is the same user
  --ttl TIME    how long the token is good: seconds, or with a unit as in 30s, 15m, 12h, 7d; default 12h
`

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** What the command line asks for, or a sentence saying what is wrong with it. */
export const parseTokenArguments = (args: readonly string[]): DevClaims | { problem: string } | 'help' => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        name: { type: 'string' },
        role: { type: 'string', multiple: true, default: [] },
        sub: { type: 'string' },
        ttl: { type: 'string', default: '12h' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return 'help'
    const name = values.name?.trim()
    const sub = values.sub?.trim() || (name && subjectOf(name))
    if (!sub) return { problem: '--name (or --sub) is missing' }
    if (values.role.some((role) => role.trim() === '')) return { problem: '--role is empty' }
    const [, amount, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(values.ttl) ?? []
    if (amount === undefined || Number(amount) === 0) return { problem: `--ttl ${values.ttl}: want something like 12h` }
    return { sub, name: name || undefined, roles: values.role, ttlSeconds: Number(amount) * (secondsPer[unit] ?? 1) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) } // parseArgs: unknown option, missing value
  }
}

if (import.meta.main) {
  const request = parseTokenArguments(process.argv.slice(2))
  if (request === 'help') {
    process.stdout.write(usage)
  } else if ('problem' in request) {
    process.stderr.write(`token: ${request.problem}\n\n${usage}`)
    process.exitCode = 2
  } else {
    const issuer = await createDevIssuer(`${podiumDir()}/keys`)
    process.stdout.write(`${await issuer.token(request)}\n`)
  }
}
