import { jetstreamManager } from '@nats-io/jetstream'
import { connect, createInbox } from '@nats-io/transport-node'
import { answersStream } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { startNats } from '../../services/platform/test/support/nats.ts'
import type { TestContext } from '../../services/platform/test/support/server.ts'
import { residentBytes } from '../lib/processes.ts'
import { defineScenario, judge } from '../lib/scenario.ts'
import { median, summarize } from '../lib/statistics.ts'

/** Of an answer in a message, as `pipeline` finds it in the streams. */
const ANSWER_BYTES = 100
/** Messages that wait for their acknowledgement. */
const WINDOW = 64

export const scenario = defineScenario({
  name: 'broker',
  summary: 'nats-server with a day of answers: its memory, and how long it takes to start again after SIGKILL',
  seconds: 40,
  onlyByName: true,
  options: {
    answers: { help: 'answers stored', default: '3000000', quick: '200000' },
    batch: { help: 'answers in a message; 1 is what a message per answer would be', default: '20' },
    rounds: { help: 'restarts', default: '3', quick: '1' },
  },
  run: async (context) => {
    const { answers, batch, rounds } = context.numbers
    const t = { teardown: context.defer } as unknown as TestContext
    const server = await startNats(t, { streams: true })
    const pid = (): number => ('pid' in server && typeof server.pid === 'number' ? server.pid : 0)
    const memory = (): number => residentBytes(pid()) / 2 ** 20
    const empty = memory()
    const messages = Math.ceil(answers / batch)
    await publish(server.url, messages, Buffer.alloc(batch * ANSWER_BYTES, 1), context.progress)
    const full = memory()
    const [restarts, after]: [number[], number[]] = [[], []]
    for (let round = 1; round <= rounds; round++) {
      await server.kill()
      const began = performance.now()
      await server.start()
      restarts.push((performance.now() - began) / 1_000)
      after.push(memory())
      context.progress(
        `restart ${round} of ${rounds}: ${restarts.at(-1)?.toFixed(2)} s, ${Math.round(after.at(-1) ?? 0)} MiB`,
      )
    }
    const stored = await storedMessages(server.url)
    return {
      verdict: judge([
        {
          sentence: `${messages} messages were acknowledged and ${stored} are there after ${rounds} SIGKILLs`,
          holds: stored === messages,
        },
      ]),
      figures: [
        { name: 'answers stored', unit: '', value: messages * batch },
        { name: 'memory of nats-server, empty', unit: 'MiB', value: empty },
        { name: 'memory of nats-server, with the answers', unit: 'MiB', value: full },
        { name: 'memory of nats-server, started again', unit: 'MiB', value: median(after) },
        { name: 'restart after SIGKILL', unit: 's', ...summarize(restarts) },
      ],
      notes: [
        'The restart is the time from the start of the process until it serves clients, with its streams recovered.',
      ],
    }
  },
})

const publish = async (
  url: string,
  messages: number,
  payload: Uint8Array,
  progress: (text: string) => void,
): Promise<void> => {
  const nc = await connect({ servers: url, noAsyncTraces: true })
  const inbox = createInbox()
  let [sent, stored, refused] = [0, 0, 0]
  await new Promise<void>((resolve, reject) => {
    const fill = (): void => {
      for (; sent < messages && sent - stored < WINDOW; sent++)
        nc.publish(subjects.answers(0), payload, { reply: inbox })
    }
    nc.subscribe(inbox, {
      callback: (err, { data }) => {
        if (err !== null || Buffer.from(data).includes('error')) refused += 1
        stored += 1
        if (refused > 0) reject(new Error('a message was refused'))
        else if (stored === messages) resolve()
        else fill()
        if (stored % Math.ceil(messages / 5) === 0) progress(`${stored} of ${messages} messages stored`)
      },
    })
    fill()
  })
  await nc.close()
}

const storedMessages = async (url: string): Promise<number> => {
  const nc = await connect({ servers: url })
  try {
    return (await (await jetstreamManager(nc)).streams.info(answersStream(0))).state.messages
  } finally {
    await nc.close()
  }
}
