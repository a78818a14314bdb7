import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { natsUsers } from '../../nats/permissions.ts'
import { databaseUsers } from '../../postgres/roles.ts'
import { redisUsers } from '../../redis/users.ts'
import { projectRoot } from '../paths.ts'

/** History keeps the names of its time. */
const documents = ['*.md', '{bench,deploy,docs,proto,services}/**/*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: projectRoot }))
  .filter((file) => !file.includes('node_modules') && !/^bench\/(history|results)\//.test(file))

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '')

/** As GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const textOf = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')

t.test('links of documents lead to files and headings that exist', async (t) => {
  t.ok(documents.length > 40)
  for (const document of documents) {
    for (const [, target = ''] of withoutCode(textOf(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? document : join(dirname(document), path)
      const isFound = existsSync(join(projectRoot, file))
      const hasAnchor =
        anchor === undefined || !file.endsWith('.md') || !isFound || anchorsOf(textOf(file)).includes(anchor)
      t.ok(isFound && hasAnchor, `${document}: ${target}`)
    }
  }
})

t.test('paths of the project that documents name exist', async (t) => {
  for (const document of documents) {
    for (const [, path = ''] of textOf(document).matchAll(/`((?:bench|deploy|docs|proto|services)\/[\w./-]*\w\/?)`/g)) {
      if (path.startsWith('bench/results')) continue
      t.ok(existsSync(join(projectRoot, path)), `${document}: ${path}`)
    }
  }
})

t.test('SECURITY.md says of every user what a stolen credential can do', async (t) => {
  const [, section = ''] = textOf('SECURITY.md').split('## What a stolen credential can do')
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (`.*)$/gm)].map(([row]) => row)
  for (const user of new Set<string>([...natsUsers, ...databaseUsers, ...redisUsers])) {
    const row = rows.find((text) => text.startsWith(`| \`${user}\``)) ?? ''
    t.equal(row.split(' | ').length, 4, user)
  }
})
