import { camelCase, type FlatModels } from './flat.ts'
import type { Type } from './schemas.ts'

const TYPES = { string: 'String', integer: 'int', long: 'int', number: 'double', boolean: 'bool' } as const

/** Dart with `fromJson` and `toJson`; integers are 64 bits wide. */
export const dart = ({ objects, enums, unions }: FlatModels): string => {
  const isEnum = (name: string): boolean => enums.some((each) => each.name === name)

  const typeText = (type: Type): string => {
    if (type.is === 'list') return `List<${typeText(type.of)}>`
    if (type.is === 'model') return type.name
    return type.is in TYPES ? TYPES[type.is as keyof typeof TYPES] : 'Object'
  }
  const read = (type: Type, value: string): string => {
    if (type.is === 'list') return `[for (final each in ${value} as List) ${read(type.of, 'each')}]`
    if (type.is === 'model') {
      return isEnum(type.name)
        ? `${type.name}.of(${value} as String)`
        : `${type.name}.fromJson(${value} as Map<String, dynamic>)`
    }
    if (type.is === 'number') return `(${value} as num).toDouble()`
    return `${value} as ${typeText(type)}`
  }
  const write = (type: Type, value: string): string => {
    if (type.is === 'list') return `[for (final each in ${value}) ${write(type.of, 'each')}]`
    if (type.is === 'model') return isEnum(type.name) ? `${value}.value` : `${value}.toJson()`
    return value
  }
  const unionText = ({ name, messages }: FlatModels['unions'][number]): string => `sealed class ${name} {
  const ${name}();

  /// Null for a type that this version does not know.
  static ${name}? fromJson(Map<String, dynamic> json) => switch (json['type']) {
${messages.map(({ type, model }) => `    '${type}' => ${model}.fromJson(json),\n`).join('')}    _ => null,
  };

  Map<String, dynamic> toJson();
}
`
  const objectText = ({ name, members }: FlatModels['objects'][number]): string => {
    const union = unions.find(({ messages }) => messages.some(({ model }) => model === name))
    const fields = members.map(
      ({ name, type, isRequired }) => `  final ${typeText(type)}${isRequired ? '' : '?'} ${name};\n`,
    )
    const parameters = members.map(({ name, isRequired }) => `${isRequired ? 'required ' : ''}this.${name}`)
    const reads = members.map(({ name, type, isRequired }) => {
      const value = `json['${name}']`
      return `    ${name}: ${isRequired ? '' : `${value} == null ? null : `}${read(type, value)},\n`
    })
    const writes = members.map(({ name, type, isRequired }) =>
      isRequired
        ? `    '${name}': ${write(type, name)},\n`
        : `    if (${name} case final ${name}?) '${name}': ${write(type, name)},\n`,
    )
    return `class ${name}${union === undefined ? '' : ` extends ${union.name}`} {
${fields.join('')}
  const ${name}({${parameters.join(', ')}});

  factory ${name}.fromJson(Map<String, dynamic> json) => ${name}(
${reads.join('')}  );

  ${union === undefined ? '' : '@override\n  '}Map<String, dynamic> toJson() => {
${writes.join('')}  };
}
`
  }
  return [
    '// Made of proto/asyncapi.yaml and proto/openapi.yaml by make gen.\n',
    ...unions.map(unionText),
    ...enums.map(
      ({ name, values }) => `enum ${name} {
${values.map((value) => `  ${camelCase(value)}('${value}')`).join(',\n')};

  const ${name}(this.value);
  final String value;

  static ${name} of(String value) => values.firstWhere((each) => each.value == value);
}
`,
    ),
    ...objects.map(objectText),
  ].join('\n')
}
