import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { CLOSE_CODES, STREAM_LIMITS } from '../../streams/client.ts'

const read = (name: string) => readFileSync(new URL(`../../../../proto/${name}`, import.meta.url), 'utf8')
const asyncApi = parse(read('asyncapi.yaml'))

t.test('both documents name the time that a WebSocket has for its first message', async (t) => {
  for (const name of ['openapi.yaml', 'asyncapi.yaml']) {
    const [, named] = /after (\d+) ms of silence/i.exec(read(name)) ?? []
    t.equal(Number(named), STREAM_LIMITS.greetingMs, name)
  }
})

t.test('every close code is named', async (t) => {
  for (const code of Object.values(CLOSE_CODES)) t.match(asyncApi.info.description, new RegExp(`\\b${code} `))
})

t.test('every message is in a channel, has a title of its own and is sent or received', async (t) => {
  const { messages, schemas } = asyncApi.components
  const names = Object.keys(messages)
  t.same(Object.keys(asyncApi.channels.webSocket.messages), names)
  const titles = Object.values<{ title: string }>(messages).map(({ title }) => title)
  t.equal(new Set(titles).size, titles.length)
  const payloads = Object.values<{ payload: { $ref: string } }>(messages).map(({ payload }) => payload.$ref)
  const unions = [...schemas.ServerMessage.oneOf, ...schemas.ClientMessage.oneOf].map(({ $ref }) => $ref)
  t.same(unions, payloads)
  const sse = asyncApi.operations.sendEvents.messages.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1))
  t.same(Object.keys(asyncApi.channels.serverSentEvents.messages), sse, 'both transports send the same')
})
