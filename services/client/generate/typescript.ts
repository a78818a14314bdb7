import type { Model, Type } from './schemas.ts'

const typeText = (type: Type): string => {
  switch (type.is) {
    case 'integer':
    case 'long':
      return 'number'
    case 'literal':
      return `'${type.value}'`
    case 'model':
      return type.name
    case 'list':
      return `readonly ${type.of.is === 'oneOf' ? `(${typeText(type.of)})` : typeText(type.of)}[]`
    case 'oneOf':
      return type.types.map(typeText).join(' | ')
    default:
      return type.is
  }
}

const comment = (text: string | undefined, indent = ''): string =>
  text === undefined ? '' : `${indent}/** ${text.trim().replaceAll(/\s*\n\s*/g, ' ')} */\n`

/** An object whose base is a union cannot extend it. */
const modelText = (model: Model, models: ReadonlyMap<string, Model>): string => {
  const { name, description } = model
  const head = comment(description)
  if (model.is === 'enum')
    return `${head}export type ${name} = ${model.values.map((value) => `'${value}'`).join(' | ')}\n`
  if (model.is === 'alias') return `${head}export type ${name} = ${typeText(model.type)}\n`
  const body = model.members
    .map(({ name, type, isRequired, description }) => {
      const member = `  readonly ${name}${isRequired ? '' : '?'}: ${typeText(type)}\n`
      return comment(description, '  ') + member
    })
    .join('')
  const isOpen = model.bases.every((base) => models.get(base)?.is === 'object')
  if (!isOpen) return `${head}export type ${name} = ${model.bases.join(' & ')} & {\n${body}}\n`
  const bases = model.bases.length === 0 ? '' : ` extends ${model.bases.join(', ')}`
  return `${head}export interface ${name}${bases} {\n${body}}\n`
}

/** The module of all types. */
export const typeScript = (models: readonly Model[]): string => {
  const byName = new Map(models.map((model) => [model.name, model]))
  const head = '// Made of proto/openapi.yaml and proto/asyncapi.yaml by make gen.\n'
  return [head, ...models.map((model) => modelText(model, byName))].join('\n')
}
