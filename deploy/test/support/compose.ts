import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { projectRoot } from '../../local/paths.ts'

export interface ComposeService {
  readonly image?: string
  readonly command?: readonly string[] | string
  readonly entrypoint?: readonly string[]
  readonly profiles?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly networks?: readonly string[]
  readonly network_mode?: string
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly secrets?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly read_only?: boolean
  readonly user?: string
  readonly stop_grace_period?: string
  readonly build?: { readonly context: string }
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly networks?: Readonly<Record<string, unknown>>
  readonly volumes?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>
}

export const composeDir = join(projectRoot, 'deploy/compose')

export const readCompose = (name: string): ComposeFile => {
  const file = parse(readFileSync(join(composeDir, name), 'utf8'), { merge: true }) as ComposeFile
  return {
    ...file,
    services: Object.fromEntries(Object.entries(file.services).map(([each, service]) => [each, withTexts(service)])),
  }
}

/** What YAML takes for a number or a truth value is a text to compose. */
const withTexts = (service: ComposeService): ComposeService => ({
  ...service,
  ...(service.environment !== undefined && {
    environment: Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, String(value)])),
  }),
})

/** `${NAME}`, `${NAME:-default}` and `${NAME:?why}` with the values of an environment. Throws where compose would. */
export const interpolate = (text: string, env: NodeJS.Dict<string>): string =>
  text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest = '') => {
    const value = env[name] ?? ''
    if (value !== '') return value
    if (kind === '?') throw new Error(`${name}: ${rest}`)
    return rest
  })

/** One file on top of another, as `docker compose -f a -f b` does it where ours rely on it. */
export const layer = (below: ComposeFile, above: ComposeFile): ComposeFile => {
  const names = new Set([...Object.keys(below.services), ...Object.keys(above.services)])
  const services = [...names].map((name) => {
    const one = below.services[name] ?? {}
    const two = above.services[name] ?? {}
    const merged = {
      ...one,
      ...two,
      environment: { ...one.environment, ...two.environment },
      networks: [...new Set([...(one.networks ?? []), ...(two.networks ?? [])])],
    }
    return [name, merged] as const
  })
  return {
    services: Object.fromEntries(services),
    networks: { ...below.networks, ...above.networks },
    volumes: { ...below.volumes, ...above.volumes },
    secrets: { ...below.secrets, ...above.secrets },
  }
}
