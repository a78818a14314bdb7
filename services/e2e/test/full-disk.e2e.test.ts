import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jetstream } from '@nats-io/jetstream'
import t from 'tap'
import { subjects } from '#platform/contract/subjects'
import type { Stack } from '../../../deploy/local/stack.ts'
import { rightChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { connectAsOperator } from '../operator.ts'
import { startPodium, TWO_OF_EACH } from './support/podium.ts'
import { openGame } from './support/whole-game.ts'

const run = promisify(execFile)

/** Large enough for what the streams reserve. */
const mountSmall = (folder: string): Promise<boolean> =>
  run('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', folder]).then(
    () => true,
    () => false,
  )

/** Writes until nothing more fits. */
const fillUp = (file: string): Promise<void> =>
  new Promise((resolve) => {
    const stream = createWriteStream(file)
    stream.once('error', () => resolve())
    const more = () => {
      while (!stream.destroyed && stream.write(Buffer.alloc(1_048_576)));
    }
    stream.on('drain', more)
    more()
  })

/** A file's last page has room for some more messages. */
const useUpRest = async (stack: Stack): Promise<void> => {
  const nc = await connectAsOperator(stack)
  const js = jetstream(nc)
  try {
    for (let count = 0; count < 1_000; count++) {
      await js.publish(subjects.barrier(0), Buffer.alloc(8_192), { timeout: 1_000 })
    }
  } catch {
    return // full at last
  } finally {
    await nc.close()
  }
}

t.test('a full disk under NATS: no answer is accepted that is not stored, and no edge is unready', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-full-'))
  const data = join(dir, 'data', 'nats')
  await mkdir(data, { recursive: true })
  if (!(await mountSmall(data))) {
    t.comment('only root can make a small disk')
    await rm(dir, { recursive: true, force: true })
    return
  }
  // The teardown that was added first runs last: after the servers have stopped.
  t.teardown(async () => {
    await run('umount', ['-l', data])
    await rm(dir, { recursive: true, force: true })
  })
  const podium = await startPodium(t, { copies: TWO_OF_EACH, dir })
  const game = await openGame(podium)
  const readiness = async () => (await fetch(`${podium.edgeUrl}/readyz`)).status
  t.equal(await readiness(), 200)

  const junk = join(data, 'junk')
  await fillUp(junk)
  await useUpRest(podium.stack)
  const early = game.players[0]?.answer(game.questionId, { choice: rightChoice(0) }, { deadlineMs: 3_000 })
  t.notOk(await early?.catch(() => undefined), 'no answer is accepted while nothing can be stored')
  t.equal(await readiness(), 200, 'no edge is taken away for what all of them share')
  const answered = game.answerAll(60_000)

  await rm(junk)
  // A server that ran out of space switches its storage off until it is started again.
  await podium.stack.process('nats').kill('SIGKILL')
  await answered
  await game.isExact()
  await eventually(async () => (await readiness()) === 200, { timeoutMs: 20_000, what: 'the edges are ready again' })
})
