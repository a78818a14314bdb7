import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readModels } from './schemas.ts'
import { typeScript } from './typescript.ts'

/** Writes what is generated from the documents; with `--check` says what is not current. */

const root = new URL('../../../', import.meta.url)
const models = readModels()
const files = { 'services/client/src/types/api.ts': typeScript(models) }

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
for (const [path, text] of Object.entries(files)) {
  const url = new URL(path, root)
  if (!values.check) writeFileSync(url, text)
  else if (readFileSync(url, 'utf8') !== text) {
    console.error(`${path} is not that of proto/; run: make gen`)
    process.exitCode = 1
  }
}
