import { readFile } from 'node:fs/promises'
import type { JsonObject } from '@bufbuild/protobuf'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { type FieldError, PodiumError } from '#lib/errors'
import type { AnswerBody } from '../app/ports.ts'
import type { Validator } from './http/json-body.ts'

export interface RequestSchemas {
  readonly createQuiz: Validator
  readonly importQuiz: Validator
  readonly createSession: Validator
  readonly join: Validator
  readonly answer: Validator<AnswerBody>
}

/** The document that clients read is the one that requests are checked against. */
const OPENAPI = new URL('../../../../proto/openapi.yaml', import.meta.url)

/** Faults named in one problem document. */
const MAX_FAULTS = 20

/** @throws Error when the document is missing or a schema in it does not compile. */
export const loadRequestSchemas = async (): Promise<RequestSchemas> => {
  const document = parse(await readFile(OPENAPI, 'utf8'))
  // Not strict: an OpenAPI document has keywords of its own. Checked are the schemas, by the tests.
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, allErrors: true, formats: { uuid: true } })
  ajv.addSchema(document, 'openapi.yaml')

  const validator = <T>(name: string): Validator<T> => {
    const validate = ajv.getSchema(`openapi.yaml#/components/schemas/${name}`)
    if (validate === undefined) throw new Error(`openapi.yaml has no schema ${name}`)
    return (value) => {
      if (validate(value) === true) return value as T
      throw new PodiumError('malformed', { errors: faultsOf(validate.errors ?? []) })
    }
  }
  return {
    createQuiz: validator<JsonObject>('CreateQuizRequest'),
    importQuiz: validator<JsonObject>('ImportQuizRequest'),
    createSession: validator<JsonObject>('CreateSessionRequest'),
    join: validator<JsonObject>('JoinRequest'),
    answer: validator<AnswerBody>('AnswerRequest'),
  }
}

const faultsOf = (errors: readonly ErrorObject[]): FieldError[] =>
  errors.slice(0, MAX_FAULTS).map(({ instancePath, keyword, params }) => ({
    pointer: instancePath + memberOf(params),
    code: keyword,
  }))

/** A fault about a member that is missing or unknown points at that member rather than at the object around it. */
const memberOf = (params: Record<string, unknown>): string => {
  const name = params.missingProperty ?? params.additionalProperty
  return typeof name === 'string' ? `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}` : ''
}
