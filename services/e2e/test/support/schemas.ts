import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

interface AsyncApi {
  components: { messages: Record<string, { name: string; payload: unknown }> }
}

const read = (name: string) => parse(readFileSync(new URL(`../../../../proto/${name}`, import.meta.url), 'utf8'))

/** Compiles the payload of every message that an edge sends. */
export const messageValidators = (): ReadonlyMap<string, ValidateFunction> => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { uuid: /^[0-9a-f-]{36}$/ } })
  const asyncApi: AsyncApi = read('asyncapi.yaml')
  ajv.addSchema(read('openapi.yaml'), 'openapi.yaml')
  ajv.addSchema(asyncApi, 'asyncapi.yaml')
  const validators = new Map<string, ValidateFunction>()
  for (const [key, { name }] of Object.entries(asyncApi.components.messages)) {
    const validate = ajv.getSchema(`asyncapi.yaml#/components/messages/${key}/payload`)
    if (validate === undefined) throw new Error(`no schema for ${name}`)
    validators.set(name, validate)
  }
  return validators
}
