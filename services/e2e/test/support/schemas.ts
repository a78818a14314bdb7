import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

/** The published descriptions of the edge, as judges of what a real edge says. A member that is not described is a fault. */

interface Reference {
  readonly $ref: string
}

interface Response {
  readonly content?: Readonly<Record<string, unknown>>
}

interface OpenApi {
  paths: Record<string, Record<string, { responses?: Record<string, Response | Reference> }>>
  components: { responses: Record<string, Response>; schemas: Record<string, Schema> }
}

interface Schema {
  readonly allOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly properties?: object
  unevaluatedProperties?: boolean
}

interface AsyncApi {
  components: {
    messages: Record<string, { payload: Reference; examples: readonly { readonly payload: object }[] }>
    schemas: Record<string, Schema> &
      Record<'ServerMessage' | 'ClientMessage', { readonly oneOf: readonly Reference[] }>
  }
}

const read = (name: string) => parse(readFileSync(new URL(`../../../../proto/${name}`, import.meta.url), 'utf8'))

/** The schemas that others extend, and what those may be: they are judged where they are used. */
const extendedOf = (schemas: Readonly<Record<string, Schema>>, users: object): ReadonlySet<Schema> => {
  const extended = new Set<Schema>()
  const add = ({ $ref = '' }: Schema): void => {
    const schema = schemas[basename($ref)]
    if (schema === undefined || extended.has(schema)) return
    extended.add(schema)
    for (const other of [...(schema.allOf ?? []), ...(schema.oneOf ?? [])]) add(other)
  }
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const base of (node as Schema).allOf ?? []) add(base)
    Object.values(node).forEach(look)
  }
  look(users)
  return extended
}

const refuseUnknownMembers = (document: unknown, extended: ReadonlySet<Schema>): void => {
  if (typeof document !== 'object' || document === null) return
  const schema: Schema = document
  if ((schema.properties !== undefined || schema.allOf !== undefined) && !extended.has(schema)) {
    schema.unevaluatedProperties = false
  }
  for (const [key, value] of Object.entries(document)) if (key !== 'allOf') refuseUnknownMembers(value, extended)
}

const load = () => {
  const formats = { uuid: /^[0-9a-f-]{36}$/, int64: { type: 'number', validate: Number.isSafeInteger } } as const
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats })
  const openApi: OpenApi = read('openapi.yaml')
  const asyncApi: AsyncApi = read('asyncapi.yaml')
  const extended = extendedOf(openApi.components.schemas, [openApi, asyncApi])
  refuseUnknownMembers(openApi.components, extended)
  refuseUnknownMembers(openApi.paths, extended)
  refuseUnknownMembers(asyncApi.components, extended)
  ajv.addSchema(openApi, 'openapi.yaml')
  ajv.addSchema(asyncApi, 'asyncapi.yaml')
  const schema = (pointer: string): ValidateFunction => {
    const validate = ajv.getSchema(pointer)
    if (validate === undefined) throw new Error(`no schema at ${pointer}`)
    return validate
  }
  return { openApi, asyncApi, schema }
}

/** A message as a client has it: the id is text over Server-Sent Events and in the client library. */
interface Message {
  readonly type: string
  readonly id?: string | number | undefined
  readonly data?: unknown
}

/** Says what is wrong with a message of a stream; undefined for a good one. */
export const createMessageJudge = () => {
  const { asyncApi, schema } = load()
  const validators = new Map(
    asyncApi.components.schemas.ServerMessage.oneOf.map(({ $ref }) => {
      const { properties } = asyncApi.components.schemas[basename($ref)] as { properties: { type: { const: string } } }
      return [properties.type.const, schema(`asyncapi.yaml${$ref}`)]
    }),
  )
  return (message: Message): object | undefined => {
    const validate = validators.get(message.type)
    if (validate === undefined) return { message, fault: 'a type that is not described' }
    const { id, ...rest } = message
    return validate(id === undefined ? rest : { ...rest, id: Number(id) })
      ? undefined
      : { message, errors: validate.errors }
  }
}

/** The examples of messages that are not as their own description says. */
export const faultyExamples = (): readonly object[] => {
  const { asyncApi, schema } = load()
  return Object.entries(asyncApi.components.messages).flatMap(([name, { payload, examples }]) => {
    const validate = schema(`asyncapi.yaml${payload.$ref}`)
    const bad = examples.filter((example) => !validate(example.payload))
    return [...bad, ...(examples.length === 0 ? ['no example'] : [])].map(() => ({ name, errors: validate.errors }))
  })
}

const escaped = (key: string) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))

/**
 * Says what is wrong with a JSON response; undefined for a good one. A refusal must have a code that its operation names.
 * Paths that are not described answer with problems only.
 */
export const createResponseJudge = () => {
  const { openApi, schema } = load()
  // The more literal a path is, the sooner it is tried: /join before /{command}.
  const routes = Object.keys(openApi.paths)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)

  const responseSchema = (method: string, path: string, status: number): ValidateFunction => {
    const route = routes.find(({ pattern }) => pattern.test(path.split('?')[0] ?? ''))
    const operation = route === undefined ? undefined : openApi.paths[route.path]?.[method.toLowerCase()]
    if (route === undefined || operation?.responses === undefined) {
      return schema('openapi.yaml#/components/schemas/Problem')
    }
    const key = operation.responses[status] === undefined ? 'default' : String(status)
    const response = operation.responses[key] ?? {}
    const at =
      '$ref' in response
        ? response.$ref.slice(1)
        : `/paths/${escaped(route.path)}/${method.toLowerCase()}/responses/${key}`
    const media = status < 400 ? 'application/json' : 'application/problem+json'
    return schema(`openapi.yaml#${at}/content/${escaped(media)}/schema`)
  }

  return (method: string, path: string, status: number, body: unknown): object | undefined => {
    const validate = responseSchema(method, path, status)
    return validate(body) ? undefined : { method, path, status, body, errors: validate.errors }
  }
}
