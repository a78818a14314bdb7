import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { testFolder } from '../../../platform/test/support/folder.ts'
import { createClient } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('words of a file are in no nickname', async (t) => {
  const world = await createWorld(t)
  const nicknameWordsFile = join(await testFolder(t), 'words.txt')
  await writeFile(nicknameWordsFile, '# rude\ndamn\n')
  await startCopy(t, world, { nicknameWordsFile })
  const client = createClient(world)
  const { sessionId } = await client.open(1)
  await t.rejects(client.join(sessionId, 'ada', { nickname: 'd4mn Ada' }), {
    code: 'nickname-invalid',
    errors: [{ pointer: '/nickname', code: 'forbidden-word' }],
  })
  t.match(await client.join(sessionId, 'ada', { nickname: 'Amsterdam' }), { nickname: 'Amsterdam' })
  t.match(await client.join(sessionId, 'bob', { name: 'Damn Bob' }), { nickname: 'Player' }, 'nor is a name in a token')
})
