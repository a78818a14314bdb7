import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../local/paths.ts'

/** What the last stage of the Dockerfile says, as far as others rely on it. */
export interface ImageSpec {
  readonly env: Readonly<Record<string, string>>
  /** From the build context, in order: sources and the folder or file they become below /app. */
  readonly copies: readonly { readonly sources: readonly string[]; readonly target: string }[]
  readonly exposed: readonly number[]
  /** Every instruction of the last stage. */
  readonly instructions: readonly { readonly name: string; readonly text: string }[]
  readonly nodeVersion: string
}

export const readDockerfile = (): ImageSpec => {
  const text = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8')
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
  const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
  const instructions = lastStage.flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) +(.*)$/.exec(line) ?? []
    return name === undefined || rest === undefined ? [] : [{ name, text: rest }]
  })
  const textsOf = (name: string) => instructions.filter((each) => each.name === name).map((each) => each.text)
  return {
    instructions,
    env: Object.fromEntries(
      textsOf('ENV').flatMap((each) =>
        each
          .trim()
          .split(/\s+/)
          .map((pair) => pair.split('=', 2)),
      ),
    ),
    copies: textsOf('COPY')
      .filter((each) => !each.startsWith('--from'))
      .map((each) => each.split(' '))
      .map((words) => ({ sources: words.slice(0, -1), target: words.at(-1) ?? '' })),
    exposed: textsOf('EXPOSE').flatMap((each) => each.split(' ').map(Number)),
    nodeVersion: /^ARG NODE_VERSION=(.*)$/m.exec(text)?.[1] ?? '',
  }
}
