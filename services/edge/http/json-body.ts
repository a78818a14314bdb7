import type { JsonObject } from '@bufbuild/protobuf'
import { PodiumError } from '#platform/errors'
import type { Request } from './request.ts'

/** Checks a parsed body against its schema. @throws PodiumError `malformed` with the faults */
export type Validator<T = JsonObject> = (value: unknown) => T

/** `application/json`, parameters or not. */
const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** @throws PodiumError `unsupported-media-type`, `malformed` */
export const parseJson = (request: Request, body: string): unknown => {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw new PodiumError('unsupported-media-type')
  return parseText(body)
}

/** The validated body; nothing at all counts as an empty object where the body `isOptional`. */
export const readJson = <T>(request: Request, body: string, validate: Validator<T>, isOptional = false): T =>
  validate(isOptional && body === '' ? {} : parseJson(request, body))

/** @throws PodiumError `malformed` */
export const parseText = (text: string): unknown => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new PodiumError('malformed', { detail: 'This is not valid JSON.', cause })
  }
  if (MAY_HAVE_SURROGATES.test(text) && hasLoneSurrogate(value)) {
    throw new PodiumError('malformed', { detail: 'Half of a surrogate pair is no character.' })
  }
  return value
}

/** Half a surrogate pair can only come in as an escape, because the bytes were valid UTF-8, and leaves as one again. */
const MAY_HAVE_SURROGATES = /\\u[dD][89a-fA-F]/
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

const hasLoneSurrogate = (value: unknown): boolean => {
  try {
    return LONE_SURROGATE.test(JSON.stringify(value))
  } catch (err) {
    // So deep that it can be read, but not be written: nothing in the API is.
    if (err instanceof RangeError) return true
    throw err
  }
}
