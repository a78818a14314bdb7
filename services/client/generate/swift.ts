import { camelCase, type FlatModels } from './flat.ts'
import type { Type } from './schemas.ts'

const TYPES = { string: 'String', integer: 'Int', long: 'Int64', number: 'Double', boolean: 'Bool' } as const

const typeText = (type: Type): string => {
  if (type.is === 'list') return `[${typeText(type.of)}]`
  if (type.is === 'model') return type.name
  return type.is in TYPES ? TYPES[type.is as keyof typeof TYPES] : 'JSONValue'
}

/** What has no type of its own. */
const JSON_VALUE = `public enum JSONValue: Codable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public init(from decoder: Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() { self = .null }
        else if let value = try? container.decode(Bool.self) { self = .bool(value) }
        else if let value = try? container.decode(Double.self) { self = .number(value) }
        else if let value = try? container.decode(String.self) { self = .string(value) }
        else if let value = try? container.decode([JSONValue].self) { self = .array(value) }
        else { self = .object(try container.decode([String: JSONValue].self)) }
    }

    public func encode(to encoder: Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
`

/** Swift with Codable; a union is an enum whose case is the message's \`type\`. */
export const swift = ({ objects, enums, unions }: FlatModels): string => {
  const unionText = ({ name, messages }: FlatModels['unions'][number]): string => {
    const cases = messages.map(({ type, model }) => ({ type, model, label: camelCase(type) }))
    return `public enum ${name}: Codable, Sendable {
${cases.map(({ label, model }) => `    case ${label}(${model})\n`).join('')}
    private enum Key: CodingKey { case type }

    public init(from decoder: Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let type = try container.decode(String.self, forKey: .type)
        switch type {
${cases.map(({ type, label, model }) => `        case "${type}": self = .${label}(try ${model}(from: decoder))\n`).join('')}        default: throw DecodingError.dataCorruptedError(forKey: .type, in: container, debugDescription: type)
        }
    }

    public func encode(to encoder: Encoder) throws {
        switch self {
${cases.map(({ label }) => `        case .${label}(let message): try message.encode(to: encoder)\n`).join('')}        }
    }
}
`
  }
  return [
    '// Made of proto/asyncapi.yaml and proto/openapi.yaml by make gen.\nimport Foundation\n',
    ...unions.map(unionText),
    ...enums.map(
      ({ name, values }) =>
        `public enum ${name}: String, Codable, Sendable {\n${values.map((value) => `    case ${escaped(camelCase(value))} = "${value}"\n`).join('')}}\n`,
    ),
    ...objects.map(
      ({ name, members }) =>
        `public struct ${name}: Codable, Sendable {\n${members.map(({ name, type, isRequired }) => `    public var ${name}: ${typeText(type)}${isRequired ? '' : '?'}\n`).join('')}}\n`,
    ),
    JSON_VALUE,
  ].join('\n')
}

const KEYWORDS = new Set(['internal', 'none', 'end', 'default', 'case', 'private', 'public', 'open'])

const escaped = (name: string): string => (KEYWORDS.has(name) ? `\`${name}\`` : name)
