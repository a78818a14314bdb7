import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createClient, type Player } from '#client'
import { findProgram } from '../../../deploy/local/programs.ts'
import { startStack } from '../../../deploy/local/stack.ts'

/**
 * What the pages take in Chromium, against their budgets: by hand, on a machine that has nothing else to do. A test with these numbers
 * would fail on a busy one.
 */
const LOADS = 5
const PLAYERS = 24
/** Slow 4G as Lighthouse has it, and a processor that is four times slower. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }
const CPU_RATE = 4
const FIRST_QUESTION_MS = 1_500
const FRAME_MS = 1_000 / 60
/** Longer than the ranks move. */
const MOVING_MS = 1_000

const OPTIONS = ['one', 'two', 'three', 'four']
const QUIZ = {
  title: 'Timings',
  questions: Array.from({ length: 4 }, (_, index) => ({
    kind: 'single_choice' as const,
    prompt: `Question ${index + 1}`,
    options: OPTIONS,
    correct: 0,
    points: 500 * (index + 1),
  })),
}

/** Two frames later it has been painted. */
const WATCH_QUESTION = `
  new MutationObserver((_, observer) => {
    if (document.querySelector('.pad') === null) return
    observer.disconnect()
    requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.questionShownAt = performance.now() }))
  }).observe(document, { childList: true, subtree: true })
`
const QUESTION_SHOWN = `new Promise((resolve) => {
  const look = () => globalThis.questionShownAt > 0 ? resolve(questionShownAt) : setTimeout(look, 50)
  look()
})`
const WATCH_SHIFTS = `
  globalThis.shifts = []
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: 'layout-shift' })
`
/** Times between frames while the ranks move. */
const FRAMES = `new Promise((resolve) => {
  const times = []
  const next = (at) => {
    times.push(at)
    if (at - times[0] < ${MOVING_MS}) requestAnimationFrame(next)
    else resolve(times.slice(1).map((time, index) => time - times[index]))
  }
  requestAnimationFrame(next)
})`

const executablePath = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome')
if (executablePath === undefined) throw new Error('Chromium is not here')
const dir = await mkdtemp(join(tmpdir(), 'podium-timings-'))
const stack = await startStack({ dir, logLevel: 'warn', webPort: 0 })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
const players: Player[] = []
try {
  await measure(browser)
} finally {
  for (const player of players) player.close()
  await browser.close()
  await stack.stop()
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
}

async function measure(browser: Browser): Promise<void> {
  const { edge: baseUrl } = stack.urls
  const host = createClient({
    baseUrl,
    token: await stack.issuer.token({ sub: 'timings', name: 'Timings', roles: ['host'] }),
  })
  const { quizId } = await host.createQuiz(QUIZ)
  const settings = { access: 'guests', advance: 'manual', startDelaySeconds: 1, timeLimitSeconds: 300 } as const
  const { sessionId, joinCode } = await host.createSession({ quizId, settings })
  const guests = createClient({ baseUrl })
  for (let index = 0; index < PLAYERS; index++) {
    players.push(await guests.join(joinCode, { nickname: `Player ${index}`, board: 'none' }))
  }

  const wall = await browser.newPage({ viewport: { width: 1_280, height: 720 } })
  const { token, expiresAt } = await host.createDisplay(sessionId)
  await wall.addInitScript(
    `sessionStorage.setItem('podium.screen.${sessionId}', '${JSON.stringify({ token, expiresAt })}')`,
  )
  await wall.addInitScript(WATCH_SHIFTS)
  await wall.goto(`${stack.webUrl}/screen/${sessionId}`)
  await wall.locator('.join-code').waitFor()
  const phone = await browser.newPage({ viewport: { width: 390, height: 780 } })
  await phone.addInitScript(WATCH_QUESTION)
  await phone.goto(`${stack.webUrl}/play/${joinCode}`)
  await phone.locator('[name=nickname]').fill('Phone')
  await phone.keyboard.press('Enter')
  await phone.locator('.avatar').waitFor()

  await host.control(sessionId, 'start')
  await wall.locator('.big-tiles').waitFor()
  await phone.locator('.pad').waitFor()
  const loads = await firstQuestion(phone)
  const rows = [
    ['question visible, from the navigation, nothing cached', loads.cold, `${FIRST_QUESTION_MS} ms`],
    ['question visible, from the navigation, files cached', loads.warm, `${FIRST_QUESTION_MS} ms`],
  ]
  await phone.close()

  const frames: number[] = []
  let changed = 0
  for (let round = 0; round < QUIZ.questions.length; round++) {
    const before = await ranks()
    const { question } = await host.session(sessionId)
    if (question === undefined) throw new Error('no question is open')
    // A half that is another one in every round is right, so that most ranks change.
    await Promise.all(
      players.map((player, index) =>
        player.answer(question.questionId, { choice: (index >> (round % 3)) % 2 === round % 2 ? 0 : 1 }),
      ),
    )
    if ((await host.session(sessionId)).status === 'question_open') await host.control(sessionId, 'close')
    await wall.locator('.distribution').waitFor()
    frames.push(...((await wall.evaluate(FRAMES)) as number[]))
    const after = await ranks()
    const changes = [...after].filter(([playerId, rank]) => before.get(playerId) !== rank).length
    changed = Math.max(changed, round === 0 ? 0 : changes)
    await host.control(sessionId, 'next')
    if (round + 1 < QUIZ.questions.length) await wall.locator('.big-tiles').waitFor()
  }
  async function ranks(): Promise<Map<string, number>> {
    await sleep(200) // the board follows the scores
    const { top } = await host.leaderboard(sessionId, { limit: PLAYERS })
    return new Map(top.map(({ playerId, rank }) => [playerId, rank]))
  }
  const late = frames.filter((ms) => ms > FRAME_MS * 1.5).length
  const perSecond = (frames.length * 1_000) / frames.reduce((sum, ms) => sum + ms, 0)
  rows.push(
    [`frames a second, up to ${changed} ranks change at once`, [perSecond.toFixed(1)], '60'],
    ['frames that came late', [`${late} of ${frames.length}`], '0'],
    ['layout shifts of the screen', [String(((await wall.evaluate('shifts')) as unknown[]).length)], '0'],
  )
  console.table(rows.map(([what, figures, goal]) => ({ what, measured: [figures].flat().join(', '), goal })))
}

/** Reloads in an open question: the page, the stream and its snapshot. Milliseconds from the navigation to the painted question. */
async function firstQuestion(phone: Page): Promise<{ readonly cold: string[]; readonly warm: string[] }> {
  const devtools = await phone.context().newCDPSession(phone)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', SLOW_4G)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE })
  const shown = async (cacheDisabled: boolean): Promise<string> => {
    await devtools.send('Network.setCacheDisabled', { cacheDisabled })
    await phone.reload()
    return `${Math.round((await phone.evaluate(QUESTION_SHOWN)) as number)} ms`
  }
  const cold: string[] = []
  const warm: string[] = []
  for (let load = 0; load < LOADS; load++) cold.push(await shown(true))
  for (let load = 0; load < LOADS; load++) warm.push(await shown(false))
  return { cold, warm }
}
