import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { JsonObject } from '@bufbuild/protobuf'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { type FieldError, PodiumError } from '#platform/errors'
import type { AnswerBody } from '../answers/accept-answer.ts'
import type { Request, Validator } from '../http/request.ts'

/** Most bytes of a request body. */
export const ANSWER_BODY_BYTES = 4 * 1024
export const BODY_BYTES = 256 * 1024
export const IMPORT_BODY_BYTES = 4 * 1024 * 1024

const KEY = /^[\x21-\x7e]{1,64}$/

/** What a request whose repeats get the first result again is named by. @throws PodiumError `malformed` */
export const idempotencyKey = ({ headers }: Request): { readonly idempotencyKey?: string } => {
  const key = headers['idempotency-key'] ?? ''
  if (key === '') return {}
  if (KEY.test(key)) return { idempotencyKey: key }
  throw new PodiumError('malformed', { errors: [{ pointer: '/Idempotency-Key', code: 'pattern' }] })
}

export type RequestSchemas = Awaited<ReturnType<typeof loadRequestSchemas>>

interface LeaderboardQuery {
  readonly limit?: number
  readonly offset?: number
  readonly around?: 'me'
}

interface SessionListQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly status?: string
}

interface QuizListQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly query?: string
  readonly tag?: string
}

interface PageQuery {
  readonly limit?: number
  readonly cursor?: string
}

interface QuizExportQuery {
  readonly format?: 'podium' | 'gift' | 'csv'
}

export interface StreamQuery {
  readonly board?: 'full' | 'changes' | 'none'
  readonly boardIntervalMs?: number
}

export interface ClientMessage {
  readonly type: string
  readonly ref?: string | number
  readonly data?: unknown
  /** Of answers only. */
  readonly traceparent?: string
}

/** The documents that clients read are those that requests are checked against. */
const OPENAPI = new URL('../../../proto/openapi.yaml', import.meta.url)
const ASYNCAPI = new URL('../../../proto/asyncapi.yaml', import.meta.url)

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema: { readonly type?: string; readonly $ref?: string }
}

/** What a WebSocket client may send, by type. */
const CLIENT_MESSAGES = { answer: 'AnswerMessage', resume: 'ResumeMessage', time: 'TimeRequestMessage' } as const

/** Values in what is searched for all its faults. */
const MAX_VALUES = 2_000

/** Faults named in one problem document. */
const MAX_FAULTS = 20

/** @throws Error when the document is missing or a schema in it does not compile. */
export const loadRequestSchemas = async () => {
  const openapi = await readFile(OPENAPI, 'utf8')
  const asyncapi = await readFile(ASYNCAPI, 'utf8')
  const document = parse(openapi, withoutMapping)
  const { schemas } = document.components
  schemas.AnswerRequest = anyOneOf(schemas, schemas.AnswerRequest.oneOf)
  // Not strict: an OpenAPI document has keywords of its own. Checked are the schemas, by the tests.
  const options = { strict: false, strictNumbers: true, discriminator: true, formats: FORMATS } as const
  const quick = new Ajv2020(options)
  const thorough = new Ajv2020({ ...options, allErrors: true })
  quick.addSchema(document, 'openapi.yaml')
  thorough.addSchema(document, 'openapi.yaml')
  const streams = parse(asyncapi)
  // Checked where answers are accepted; and what is no position is one that is not known.
  streams.components.schemas.AnswerMessage.properties.data = true
  streams.components.schemas.ResumeMessage.properties.data = true
  quick.addSchema(streams, 'asyncapi.yaml')
  thorough.addSchema(streams, 'asyncapi.yaml')

  const checked =
    <T>(isValid: ValidateFunction, findFaults: ValidateFunction): Validator<T> =>
    (value) => {
      if (isValid(value) === true) return value as T
      const validate = isSmall(value) ? findFaults : isValid
      validate(value)
      throw new PodiumError('malformed', { errors: faultsOf(validate.errors ?? []) })
    }
  const at = <T>(pointer: string): Validator<T> => {
    const [isValid, findFaults] = [quick.getSchema(pointer), thorough.getSchema(pointer)]
    if (isValid === undefined || findFaults === undefined) throw new Error(`no schema at ${pointer}`)
    return checked<T>(isValid, findFaults)
  }
  const validator = <T>(name: string): Validator<T> => at(`openapi.yaml#/components/schemas/${name}`)
  const query = <T>(path: string): ((text: string) => T) => {
    const given: readonly (Parameter | { readonly $ref: string })[] = document.paths[path].get.parameters
    const parameters = given
      .map((each): Parameter => ('$ref' in each ? document.components.parameters[basename(each.$ref)] : each))
      .filter(({ in: place }) => place === 'query')
    const properties = Object.fromEntries(
      parameters.map(({ name, schema }) => [
        name,
        schema.$ref === undefined ? schema : { $ref: `openapi.yaml${schema.$ref}` },
      ]),
    )
    const schema = { type: 'object', properties }
    const validate = checked<T>(quick.compile(schema), thorough.compile(schema))
    return (text) => validate(queryOf(text, parameters))
  }
  return {
    /** As they are in `proto/`. */
    documents: { openapi, asyncapi },
    createQuiz: validator<JsonObject>('CreateQuizRequest'),
    replaceQuiz: validator<JsonObject>('ReplaceQuizRequest'),
    importQuiz: validator<JsonObject>('ImportQuizRequest'),
    createSession: validator<JsonObject>('CreateSessionRequest'),
    join: validator<JsonObject>('JoinRequest'),
    control: validator<{ readonly epoch?: number }>('ControlRequest'),
    removePlayers: validator<{ readonly playerIds: readonly string[] }>('RemovePlayersRequest'),
    answer: validator<AnswerBody>('AnswerRequest'),
    /** The query of the leaderboard, as sent. */
    leaderboard: query<LeaderboardQuery>('/v1/sessions/{id}/leaderboard'),
    /** The query of the list of sessions, as sent. */
    sessionList: query<SessionListQuery>('/v1/sessions'),
    /** The queries of further lists, as sent. */
    playerList: query<PageQuery>('/v1/sessions/{id}/players'),
    history: query<PageQuery>('/v1/me/results'),
    mistakes: query<PageQuery & { readonly tag?: string }>('/v1/me/mistakes'),
    /** The queries of the list of quizzes and of an export, as sent. */
    quizList: query<QuizListQuery>('/v1/quizzes'),
    quizExport: query<QuizExportQuery>('/v1/quizzes/{quizId}/export'),
    /** The query of a stream, as sent. */
    stream: query<StreamQuery>('/v1/sessions/{id}/events'),
    /** Messages of a WebSocket client by type. */
    messages: new Map<string, Validator<ClientMessage>>(
      Object.entries(CLIENT_MESSAGES).map(([type, name]) => [type, at(`asyncapi.yaml#/components/schemas/${name}`)]),
    ),
  }
}

/** Of OpenAPI and of our own; the types say the same. */
const FORMATS = { uuid: true, int64: true } as const

/** The validator finds the schema of a discriminator's value itself, and refuses a table of them. */
const withoutMapping = (key: unknown, value: unknown): unknown => (key === 'mapping' ? undefined : value)

interface ObjectSchema {
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, unknown>>
}

/**
 * One schema for what may be any of several: the members of all, of which those are required that all require. An answer's
 * form depends on its question, so that the code that knows the question refuses another (`answer-invalid`).
 */
const anyOneOf = (
  schemas: Readonly<Record<string, ObjectSchema>>,
  references: readonly { readonly $ref: string }[],
) => {
  const forms = references.flatMap(({ $ref }) => schemas[basename($ref)] ?? [])
  const properties = Object.assign({}, ...forms.map((form) => form.properties))
  const required = Object.keys(properties).filter((member) => forms.every((form) => form.required.includes(member)))
  return { type: 'object', additionalProperties: false, required, properties }
}

/**
 * Whether it is cheap enough to find every fault: that takes the square of their number, a minute for the largest body. Of
 * anything larger only the first fault is named.
 */
const isSmall = (value: unknown): boolean => {
  const left: unknown[] = [value]
  for (let count = 0; left.length > 0; count += 1) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null) continue
    const members: unknown[] = Array.isArray(next) ? next : Object.values(next)
    if (count + left.length + members.length > MAX_VALUES) return false
    left.push(...members)
  }
  return true
}

/** The members of a query that are known, the first of each; numbers where numbers are due. */
const queryOf = (text: string, parameters: readonly Parameter[]): unknown => {
  const given = new URLSearchParams(text)
  const members = parameters.flatMap(({ name, schema }) => {
    const value = given.get(name)
    if (value === null) return []
    return [[name, schema.type === 'integer' && /^-?\d{1,15}$/.test(value) ? Number(value) : value]]
  })
  return Object.fromEntries(members)
}

const faultsOf = (errors: readonly ErrorObject[]): FieldError[] => {
  // The members of an object with another fault all count as unevaluated.
  const others = errors.filter(({ keyword }) => keyword !== 'unevaluatedProperties')
  return (others.length > 0 ? others : errors).slice(0, MAX_FAULTS).map(({ instancePath, keyword, params }) => ({
    pointer: instancePath + memberOf(params),
    code: codeOf(keyword, params),
  }))
}

const codeOf = (keyword: string, { tagValue }: Record<string, unknown>): string => {
  if (keyword === 'unevaluatedProperties') return 'additionalProperties'
  if (keyword !== 'discriminator') return keyword
  return tagValue === undefined ? 'required' : 'enum'
}

/** A fault about a member that is missing or unknown points at that member rather than at the object around it. */
const memberOf = (params: Record<string, unknown>): string => {
  const name = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty ?? params.tag
  return typeof name === 'string' ? `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}` : ''
}
