import { create, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { ScoreBatchesSchema } from '#gen/score_pb'
import { ACK, RETRY, reject } from '#platform/consumer'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import type { ApplyOutcome } from '../boards.ts'
import { createScoreHandler } from '../score-handler.ts'

/** One message with these sessions. */
const messageOf = (sequence: number, ...sessionIds: string[]) => ({
  subject: subjects.scores,
  payload: toBinary(
    ScoreBatchesSchema,
    create(ScoreBatchesSchema, { batches: sessionIds.map((sessionId) => ({ sessionId })) }),
  ),
  sequence,
  attempt: 1,
})

t.test('a message of several sessions waits for all of them, and is rejected for any of them', async (t) => {
  const [good, unknown, waiting] = [newId(), newId(), newId()]
  const outcomes: Readonly<Record<string, ApplyOutcome>> = { [unknown]: 'unknown-session', [waiting]: 'unavailable' }
  const applied: string[] = []
  const handle = createScoreHandler(async (sessionId) => {
    applied.push(sessionId)
    return outcomes[sessionId] ?? 'applied'
  })
  t.same(
    await handle([
      messageOf(1, good),
      messageOf(2, good, unknown),
      messageOf(3, waiting, good),
      messageOf(4, unknown, waiting, 'nobody'),
      messageOf(5, good, 'nobody', good),
    ]),
    [ACK, reject('unknown-session'), RETRY, RETRY, reject('invalid-totals')],
  )
  t.same(applied.toSorted(), [good, unknown, waiting].toSorted(), 'each session once')
})
