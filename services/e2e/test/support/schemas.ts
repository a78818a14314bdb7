import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

/** The published descriptions of the edge, as judges of what a real edge says. */

interface AsyncApi {
  components: { messages: Record<string, { name: string; payload: unknown }> }
}

interface OpenApi {
  paths: Record<string, Record<string, { responses?: Record<string, unknown> }>>
}

const read = (name: string) => parse(readFileSync(new URL(`../../../../proto/${name}`, import.meta.url), 'utf8'))

const load = () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { uuid: /^[0-9a-f-]{36}$/ } })
  const openApi: OpenApi = read('openapi.yaml')
  const asyncApi: AsyncApi = read('asyncapi.yaml')
  ajv.addSchema(openApi, 'openapi.yaml')
  ajv.addSchema(asyncApi, 'asyncapi.yaml')
  const schema = (pointer: string): ValidateFunction => {
    const validate = ajv.getSchema(pointer)
    if (validate === undefined) throw new Error(`no schema at ${pointer}`)
    return validate
  }
  return { openApi, asyncApi, schema }
}

/** Says what is wrong with a message of a stream; undefined for a good one. */
export const createMessageJudge = () => {
  const { asyncApi, schema } = load()
  const validators = new Map(
    Object.entries(asyncApi.components.messages).map(([key, { name }]) => [
      name,
      schema(`asyncapi.yaml#/components/messages/${key}/payload`),
    ]),
  )
  return ({ type, data }: { readonly type: string; readonly data: unknown }): object | undefined => {
    const validate = validators.get(type)
    if (validate === undefined) return { type, fault: 'a type that is not described' }
    return validate(data) ? undefined : { type, data, errors: validate.errors }
  }
}

const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** Says what is wrong with a JSON response; undefined for a good one. Paths that are not described answer with problems only. */
export const createResponseJudge = () => {
  const { openApi, schema } = load()
  const problem = schema('openapi.yaml#/components/schemas/Problem')
  // The more literal a path is, the sooner it is tried: /join before /{command}.
  const routes = Object.keys(openApi.paths)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)

  const responseSchema = (method: string, path: string, status: number): ValidateFunction => {
    const route = routes.find(({ pattern }) => pattern.test(path.split('?')[0] ?? ''))
    const operation = route === undefined ? undefined : openApi.paths[route.path]?.[method.toLowerCase()]
    if (route === undefined || operation?.responses?.[status] === undefined) return problem
    const media = escaped('application/json')
    return schema(
      `openapi.yaml#/paths/${encodeURIComponent(escaped(route.path))}/${method.toLowerCase()}/responses/${status}/content/${media}/schema`,
    )
  }

  return (method: string, path: string, status: number, body: unknown): object | undefined => {
    const validate = responseSchema(method, path, status)
    return validate(body) ? undefined : { method, path, status, body, errors: validate.errors }
  }
}
