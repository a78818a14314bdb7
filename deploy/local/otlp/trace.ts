import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { podiumDir, tracesFile } from '../paths.ts'
import { type Span, spansOf } from './spans.ts'
import { printTrace, traceOfAnswer } from './tree.ts'

const usage = `Usage: npm run -s trace -- --answer ID | --trace ID [--file FILE]

Prints one trace as a tree with timings.

  --answer ID   the answer with this answerId, the newest one if it was sent several times
  --trace ID    32 hex digits, as in a problem document, a log line or an exemplar
  --file FILE   exports in OTLP's JSON, one per line; default what "make up OBSERVE=1" writes
`

export const readSpans = async (file: string): Promise<readonly Span[]> => {
  const spans: Span[] = []
  for await (const line of createInterface({ input: createReadStream(file) }))
    if (line !== '') spans.push(...spansOf(line))
  return spans
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      answer: { type: 'string' },
      trace: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      file: { type: 'string', default: tracesFile(podiumDir()) },
    },
  })
  const { answer, trace, file, help } = values
  if (help) {
    process.stdout.write(usage)
    return 0
  }
  if ((answer === undefined) === (trace === undefined)) {
    process.stderr.write(usage)
    return 2
  }
  if (!existsSync(file)) {
    process.stderr.write(`${file} is not there; "make up OBSERVE=1" writes it\n`)
    return 1
  }
  const spans = await readSpans(file)
  const traceId = trace ?? traceOfAnswer(spans, answer ?? '')
  if (traceId === undefined || !spans.some((span) => span.traceId === traceId)) {
    process.stderr.write(
      `no trace of ${answer === undefined ? trace : `answer ${answer}`} among ${spans.length} spans\n`,
    )
    return 1
  }
  process.stdout.write(printTrace(traceId, spans))
  return 0
}

if (import.meta.main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exitCode = 2
  }
}
