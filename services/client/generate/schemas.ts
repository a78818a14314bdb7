import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** The schemas of both documents as types that every language has. */

export type Type =
  | { readonly is: 'string' | 'integer' | 'long' | 'number' | 'boolean' | 'null' | 'unknown' }
  | { readonly is: 'literal'; readonly value: string }
  | { readonly is: 'model'; readonly name: string }
  | { readonly is: 'list'; readonly of: Type }
  | { readonly is: 'oneOf'; readonly types: readonly Type[] }

export interface Member {
  readonly name: string
  readonly type: Type
  readonly isRequired: boolean
  readonly description: string | undefined
}

interface Base {
  readonly name: string
  readonly description: string | undefined
}

export type Model =
  /** `bases`: models whose members it has besides its own. */
  | (Base & { readonly is: 'object'; readonly bases: readonly string[]; readonly members: readonly Member[] })
  | (Base & { readonly is: 'enum'; readonly values: readonly string[] })
  | (Base & { readonly is: 'alias'; readonly type: Type })

export interface Schema {
  readonly title?: string
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly description?: string
  readonly const?: string
  readonly enum?: readonly string[]
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly allOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}

const read = (name: string): { components: { schemas: Record<string, Schema> } } =>
  parse(readFileSync(new URL(`../../../proto/${name}`, import.meta.url), 'utf8'))

const nameOf = (reference: string): string => reference.split('/').at(-1) ?? ''

/** By name; its title is the same, for generators that name models by titles. */
export const readSchemas = (): Readonly<Record<string, Schema>> => {
  const { StreamQuery: _, ...streams } = read('asyncapi.yaml').components.schemas
  return { ...read('openapi.yaml').components.schemas, ...streams }
}

/** Every schema of both documents, in their order. */
export const readModels = (): readonly Model[] =>
  Object.entries(readSchemas()).map(([name, schema]) => modelOf(name, schema))

const modelOf = (name: string, schema: Schema): Model => {
  const base = { name, description: schema.description }
  if (schema.enum !== undefined) return { ...base, is: 'enum', values: schema.enum }
  if (schema.properties === undefined) return { ...base, is: 'alias', type: typeOf(schema) }
  const bases = (schema.allOf ?? []).map(({ $ref = '' }) => nameOf($ref))
  return { ...base, is: 'object', bases, members: membersOf(schema) }
}

const membersOf = ({ properties = {}, required = [] }: Schema): readonly Member[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeOf(schema),
    isRequired: required.includes(name),
    description: schema.description,
  }))

const typeOf = (schema: Schema): Type => {
  if (schema.$ref !== undefined) return { is: 'model', name: nameOf(schema.$ref) }
  if (schema.const !== undefined) return { is: 'literal', value: schema.const }
  const choices = schema.oneOf ?? schema.anyOf
  if (choices !== undefined) return { is: 'oneOf', types: choices.map(typeOf) }
  if (schema.enum !== undefined) {
    return { is: 'oneOf', types: schema.enum.map((value) => ({ is: 'literal', value })) }
  }
  if (Array.isArray(schema.type)) {
    return { is: 'oneOf', types: schema.type.map((type) => typeOf({ ...schema, type })) }
  }
  if (schema.type === 'array') return { is: 'list', of: typeOf(schema.items ?? {}) }
  if (schema.type === 'integer') return { is: schema.format === 'int64' ? 'long' : 'integer' }
  return { is: (schema.type ?? 'unknown') as 'string' | 'number' | 'boolean' | 'null' | 'unknown' }
}

/** The models that these use, and those that they use, in the order of the documents. */
export const closureOf = (models: readonly Model[], roots: readonly string[]): readonly Model[] => {
  const known = new Map(models.map((model) => [model.name, model]))
  const found = new Set<string>()
  const visit = (name: string): void => {
    const model = known.get(name)
    if (model === undefined) throw new Error(`no schema is named ${name}`)
    if (found.has(name)) return
    found.add(name)
    if (model.is === 'object') {
      model.bases.forEach(visit)
      for (const { type } of model.members) look(type)
    } else if (model.is === 'alias') look(model.type)
  }
  const look = (type: Type): void => {
    if (type.is === 'model') visit(type.name)
    else if (type.is === 'list') look(type.of)
    else if (type.is === 'oneOf') type.types.forEach(look)
  }
  roots.forEach(visit)
  return models.filter(({ name }) => found.has(name))
}
