import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { dart } from './dart.ts'
import { flatten } from './flat.ts'
import { kotlin } from './kotlin.ts'
import { closureOf, readModels } from './schemas.ts'
import { swift } from './swift.ts'
import { typeScript } from './typescript.ts'

/** Writes what is generated from the documents; with `--check` says what is not current. */

const root = new URL('../../../', import.meta.url)
const models = readModels()
/** What a stream needs, for clients in other languages. */
const messages = flatten(closureOf(models, ['ServerMessage', 'ClientMessage', 'Kind']))
const files = {
  'services/client/src/types/api.ts': typeScript(models),
  'proto/models/Podium.kt': kotlin(messages),
  'proto/models/Podium.swift': swift(messages),
  'proto/models/podium.dart': dart(messages),
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
for (const [path, text] of Object.entries(files)) {
  const url = new URL(path, root)
  if (!values.check) writeFileSync(url, text)
  else if (readFileSync(url, 'utf8') !== text) {
    console.error(`${path} is not that of proto/; run: make gen`)
    process.exitCode = 1
  }
}
