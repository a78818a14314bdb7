import { type FlatModels, pascalCase } from './flat.ts'
import type { Type } from './schemas.ts'

const TYPES = { string: 'String', integer: 'Int', long: 'Long', number: 'Double', boolean: 'Boolean' } as const

const typeText = (type: Type): string => {
  if (type.is === 'list') return `List<${typeText(type.of)}>`
  if (type.is === 'model') return type.name
  return type.is in TYPES ? TYPES[type.is as keyof typeof TYPES] : 'JsonElement'
}

/** Kotlin for kotlinx.serialization. `type` is its class discriminator, so that messages do not have it as a member. */
export const kotlin = ({ objects, enums, unions }: FlatModels): string => {
  const unionsOf = (name: string) => unions.filter(({ messages }) => messages.some(({ model }) => model === name))
  const objectText = ({ name, members }: FlatModels['objects'][number]): string => {
    const message = unionsOf(name)[0]?.messages.find(({ model }) => model === name)
    const lines = members
      .filter((member) => message === undefined || member.name !== 'type')
      .map(({ name, type, isRequired }) => `    val ${name}: ${typeText(type)}${isRequired ? '' : '? = null'},\n`)
    const serial = message === undefined ? '' : `@SerialName("${message.type}")\n`
    const parents = unionsOf(name).map((union) => union.name)
    return `@Serializable\n${serial}data class ${name}(\n${lines.join('')})${parents.length === 0 ? '' : ` : ${parents.join(', ')}`}\n`
  }
  return [
    '// Made of proto/asyncapi.yaml and proto/openapi.yaml by make gen.\n// Json { ignoreUnknownKeys = true } reads it.\npackage podium\n',
    'import kotlinx.serialization.SerialName\nimport kotlinx.serialization.Serializable\nimport kotlinx.serialization.json.JsonElement\n',
    ...unions.map(({ name }) => `@Serializable\nsealed interface ${name}\n`),
    ...enums.map(
      ({ name, values }) =>
        `@Serializable\nenum class ${name} {\n${values.map((value) => `    @SerialName("${value}") ${pascalCase(value)},\n`).join('')}}\n`,
    ),
    ...objects.map(objectText),
  ].join('\n')
}
