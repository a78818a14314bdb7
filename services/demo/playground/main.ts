import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type AnswerContent, createClient, type HostCommand, type PodiumProblem, type PublicQuestion } from '#client'
import { createDevIssuer } from '../../../deploy/local/keys.ts'
import { podiumDir } from '../../../deploy/local/paths.ts'
import { type Faults, faultyWebSocket } from './network.ts'

const USAGE = `Usage: npm run playground -- [JOIN CODE] [--name Grace] [--url http://127.0.0.1:8080]

Shows the stream of a session as a player gets it, and lets you play and disturb it by hand. Without a code it opens a
session of its own, of which you are the host as well. It uses the keys of the local stack (make up).

  1 … 9, 1,3        answers with options        = TEXT       answers with a text or a number
  start next close pause resume lock unlock end cancel       commands of the host, with a session of its own
  drop              loses the connection        lose N       loses the next N messages
  delay MS          messages come late          twice        messages come twice, or once again
  board             what a screen would show    quit
`

const COMMANDS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel']

const QUESTIONS = [
  { kind: 'single_choice', prompt: 'She ___ to school.', options: ['go', 'goes', 'going'], correct: 1 },
  { kind: 'multiple_choice', prompt: 'Which are verbs?', options: ['run', 'blue', 'eat'], correct: [0, 2] },
  { kind: 'fill_blank', prompt: 'I ___ tired yesterday.', correct: ['was'] },
] as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'Grace' },
    url: { type: 'string', default: process.env.EDGE_URL ?? 'http://127.0.0.1:8080' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const failed = (error: unknown): void => say(`  ! ${(error as PodiumProblem).message}`)

/** What the player typed, in the form that the question takes; options are numbered from 1. */
const contentOf = (line: string, { kind }: PublicQuestion): AnswerContent => {
  if (line.startsWith('=')) {
    const text = line.slice(1).trim()
    return kind === 'numeric' ? { number: Number(text) } : { text }
  }
  const choices = line.split(',').map((part) => Number(part) - 1)
  return kind === 'multiple_choice' || kind === 'ordering' ? { choices } : { choice: choices[0] ?? 0 }
}

const play = async (): Promise<void> => {
  const issuer = await createDevIssuer(`${podiumDir()}/keys`)
  const client = async (name: string, roles: readonly string[], more: object = {}) => {
    const token = await issuer.token({ sub: `playground-${name}`, name, roles: [...roles], ttlSeconds: 43_200 })
    return createClient({ baseUrl: values.url, token, ...more })
  }
  const host = await client('Host', ['host'])
  let [code] = positionals
  if (code === undefined) {
    const { quizId } = await host.createQuiz({ title: 'Playground', questions: QUESTIONS })
    const session = await host.createSession({ quizId, settings: { timeLimitSeconds: 60, advance: 'manual' } })
    code = session.joinCode
    say(`Session ${session.sessionId}, join code ${code}; type start`)
  }

  const faults: Faults = { delayMs: 0, lose: 0, twice: false }
  const watch = (text: string, fate: string) => say(`${fate === 'arrives' ? '<' : 'x'} ${text}`)
  const WebSocket = faultyWebSocket(globalThis.WebSocket as never, faults, watch)
  const player = await (await client(values.name, [], { WebSocket })).join(code, {
    nickname: values.name,
    resume: true,
  })
  player.onStatus((status, problem) => say(`  ${status}${problem === undefined ? '' : `: ${problem.message}`}`))
  await player.connect()

  const answer = (line: string): void => {
    const { question } = player.board
    if (question === undefined) say('  ! no question is open')
    else player.answer(question.questionId, contentOf(line, question)).then(() => say('  counted'), failed)
  }
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const [word = '', amount = ''] = line.trim().split(/\s+/)
    if (/^[\d=]/.test(word)) answer(line.trim())
    else if (COMMANDS.includes(word)) host.control(player.sessionId, word as HostCommand).catch(failed)
    else if (word === 'drop') player.drop()
    else if (word === 'lose') faults.lose = Number(amount) || 1
    else if (word === 'delay') faults.delayMs = Number(amount) || 0
    else if (word === 'twice') faults.twice = !faults.twice
    else if (word === 'board') say(JSON.stringify(player.board, null, 2))
    else if (word === 'quit') lines.close()
    else if (word !== '') say(USAGE)
  })
  lines.on('close', () => player.close())
}

if (values.help) say(USAGE)
else await play()
