import type { Member, Model, Type } from './schemas.ts'

/** Models for languages without unions of anything: objects with all their members, and what is sent or received as a message. */

export interface Message {
  /** Value of `type`. */
  readonly type: string
  readonly model: string
}

export interface FlatModels {
  readonly objects: readonly { readonly name: string; readonly members: readonly Member[] }[]
  readonly enums: readonly { readonly name: string; readonly values: readonly string[] }[]
  /** Unions of messages, which `type` tells apart. */
  readonly unions: readonly { readonly name: string; readonly messages: readonly Message[] }[]
}

export const flatten = (models: readonly Model[]): FlatModels => {
  const byName = new Map(models.map((model) => [model.name, model]))

  const membersOf = (model: Model | undefined): readonly Member[] =>
    model?.is === 'object' ? [...model.bases.flatMap((base) => membersOf(byName.get(base))), ...model.members] : []

  /** Aliases are what they stand for; what may be of several forms is `unknown`. */
  const resolve = (type: Type): Type => {
    if (type.is === 'list') return { is: 'list', of: resolve(type.of) }
    if (type.is === 'literal') return { is: 'string' }
    if (type.is === 'oneOf') {
      const [only, ...others] = type.types.filter(({ is }) => is !== 'null')
      return only !== undefined && others.length === 0 ? resolve(only) : { is: 'unknown' }
    }
    if (type.is !== 'model') return type
    const model = byName.get(type.name)
    if (model?.is !== 'alias') return type
    return formsOf(model) === undefined ? resolve(model.type) : type
  }
  const isNullable = (type: Type): boolean => type.is === 'oneOf' && type.types.some(({ is }) => is === 'null')

  /** The objects that an alias may be. */
  const formsOf = (model: Model): readonly Model[] | undefined => {
    if (model.is !== 'alias' || model.type.is !== 'oneOf') return undefined
    const forms = model.type.types.flatMap((type) => (type.is === 'model' ? [byName.get(type.name)] : []))
    const objects = forms.filter((form) => form?.is === 'object') as Model[]
    return objects.length === model.type.types.length ? objects : undefined
  }
  const tagOf = (model: Model): string | undefined => {
    const tag = membersOf(model).find(({ name }) => name === 'type')?.type
    return tag?.is === 'literal' ? tag.value : undefined
  }

  /** What a member is in all forms together: literals are the enum of these values, if there is one. */
  const common = (types: readonly Type[]): Type => {
    const distinct = [...new Map(types.map((type) => [JSON.stringify(type), type])).values()]
    const literals = distinct.flatMap((type) => (type.is === 'literal' ? [type.value] : []))
    const named = models.find((model) => model.is === 'enum' && String(model.values) === String(literals))
    if (named !== undefined) return { is: 'model', name: named.name }
    const [only = { is: 'unknown' }, ...others] = distinct
    return others.length === 0 ? only : { is: 'oneOf', types: distinct }
  }

  /** One object for all forms, with what all require required. */
  const merged = (forms: readonly Model[]): readonly Member[] => {
    const members = forms.flatMap(membersOf)
    return [...new Set(members.map(({ name }) => name))].map((name) => {
      const same = members.filter((member) => member.name === name)
      return {
        name,
        type: common(same.map(({ type }) => type)),
        isRequired: same.length === forms.length && same.every(({ isRequired }) => isRequired),
        description: same[0]?.description,
      }
    })
  }

  /** What stands for one of its forms has all their members, so that the forms and what they extend have no reader. */
  const tagged = (model: Model): boolean => formsOf(model)?.every((form) => tagOf(form) !== undefined) ?? true
  const dropped = new Set<Model | undefined>()
  for (const form of models.flatMap((model) => (tagged(model) ? [] : (formsOf(model) ?? [])))) {
    dropped.add(form)
    if (form.is === 'object') for (const base of form.bases) dropped.add(byName.get(base))
  }

  const objects: FlatModels['objects'][number][] = []
  const enums: FlatModels['enums'][number][] = []
  const unions: FlatModels['unions'][number][] = []
  const addObject = (name: string, members: readonly Member[]): void => {
    const flat = members.map((member) => ({
      ...member,
      type: resolve(member.type),
      isRequired: member.isRequired && !isNullable(member.type),
    }))
    objects.push({ name, members: flat })
  }
  for (const model of models) {
    if (dropped.has(model)) continue
    const forms = formsOf(model)
    if (model.is === 'enum') enums.push(model)
    else if (model.is === 'object') addObject(model.name, membersOf(model))
    else if (forms !== undefined) {
      const messages = forms
        .flatMap((form) => tagOf(form) ?? [])
        .map((type, index) => ({ type, model: forms[index]?.name ?? '' }))
      if (messages.length === forms.length) unions.push({ name: model.name, messages })
      else addObject(model.name, merged(forms))
    }
  }
  return { objects, enums, unions }
}

export const camelCase = (value: string): string =>
  value.replaceAll(/[._-](\w)/g, (_, letter: string) => letter.toUpperCase())

export const pascalCase = (value: string): string => camelCase(`-${value}`)
