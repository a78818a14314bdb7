import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import t from 'tap'
import { builtPages } from '../../../deploy/local/web/build.ts'
import { noChromium, shiftsOf, shoot, startBrowser, violations, widthOf } from './support/browser.ts'
import { startPodium } from './support/podium.ts'

const HOST = 'Ada Lovelace'
const MAX_PLAYER_PAGE_BYTES = 90_000
const PHONE = { viewport: { width: 390, height: 780 } }
/** The others do without movement, which a machine without a graphics processor pays for in all of the pages at once. */
const MOVING = { reducedMotion: 'no-preference' } as const
const SMALL_DARK = { viewport: { width: 320, height: 568 }, colorScheme: 'dark', locale: 'de' } as const
const DESK = { viewport: { width: 1280, height: 800 } }

/** What a host types is text as well. */
const QUIZ = {
  title: 'Five questions <img src=x>',
  questions: [
    {
      kind: 'single_choice',
      prompt: 'She ___ to school.',
      options: ['go', 'goes', 'going', 'gone'],
      correct: 1,
      explanation: 'Third person.',
    },
    { kind: 'multiple_choice', prompt: 'Which are vowels?', options: ['a', 'b', 'e'], correct: [0, 2] },
    { kind: 'true_false', prompt: 'The earth is flat.', correct: false },
    { kind: 'ordering', prompt: 'From small to large', options: ['mouse', 'dog', 'whale'] },
    {
      kind: 'fill_blank',
      prompt: '<b>He</b> ___ there.',
      correct: ['was'],
      explanation: '<script>alert(1)</script>',
    },
  ],
} as const

t.test('the page of a phone is small', async (t) => {
  const dir = await builtPages()
  const html = readFileSync(join(dir, 'index.html'), 'utf8')
  const files = readdirSync(join(dir, 'assets')).filter((name) => html.includes(name))
  const sizes = files.map((name) => gzipSync(readFileSync(join(dir, 'assets', name))).length)
  const bytes = gzipSync(html).length + sizes.reduce((sum, size) => sum + size, 0)
  t.ok(files.length >= 2, files.join(', '))
  t.ok(bytes <= MAX_PLAYER_PAGE_BYTES, `${bytes} bytes`)
})

t.test('a host, a screen and four phones play a game with interruptions', { skip: noChromium }, async (t) => {
  const [podium, { open, faults }] = await Promise.all([startPodium(t, { webPort: 0 }), startBrowser(t)])
  const { stack } = podium
  const web = stack.webUrl
  if (web === undefined) throw new Error('there are no pages')

  const isClean = async (page: Page, state: string): Promise<void> => {
    t.same(await violations(page), [], `nothing for axe: ${state}`)
    await shoot(page, state)
  }

  const host = await open('host', DESK)
  await host.goto(`${web}/host`)
  await isClean(host, 'host-log-in')
  await host.getByRole('button', { name: 'Log in' }).click()
  await host.getByLabel('Name').fill(HOST)
  await host.keyboard.press('Enter')
  await host.getByText('There is no quiz yet').waitFor()
  t.equal(new URL(host.url()).search, '', 'the code of the login is not left in the address')
  await host.getByRole('button', { name: 'Import' }).click()
  await host.getByLabel('or paste it').fill(JSON.stringify(QUIZ))
  await host.getByLabel('Format').selectOption('podium')
  await host.getByRole('textbox', { name: 'Title' }).fill(QUIZ.title)
  await host.getByRole('button', { name: 'Import' }).click()
  await host.getByText('5 questions imported').waitFor()
  await isClean(host, 'host-import')
  await host.getByRole('button', { name: 'Back' }).click()
  await host.getByRole('heading', { name: QUIZ.title }).waitFor()
  await isClean(host, 'host-quizzes')
  await host.getByRole('button', { name: `Edit: ${QUIZ.title}` }).click()
  await host.getByLabel('Title').waitFor()
  await isClean(host, 'host-editor')
  await host.getByRole('button', { name: 'Back' }).click()
  await host.getByRole('button', { name: `Host: ${QUIZ.title}` }).click()
  await host.getByLabel('Seconds to answer').fill('120')
  await isClean(host, 'host-settings')
  await host.getByRole('button', { name: 'Open the lobby' }).click()
  const joinCode = (await host.locator('.invitation .code').textContent())?.trim() ?? ''
  const [wall] = await Promise.all([
    host.context().waitForEvent('page'),
    host.getByRole('button', { name: 'Open the screen' }).click(),
  ])
  await wall.emulateMedia(MOVING)
  await wall.locator('.join-code').waitFor()
  const screenToken = (await wall.evaluate('Object.values(sessionStorage).join()')) as string
  t.notMatch(screenToken, String(await host.evaluate(`JSON.parse(sessionStorage['podium.login']).token`)))

  /** Opens the page, joins with the keyboard alone, and waits for the lobby. */
  const join = async (nickname: string, options: Parameters<typeof open>[1], query = ''): Promise<Page> => {
    const page = await open(nickname, options)
    await page.goto(`${web}/play/${joinCode}${query}`)
    await page.locator('[name=nickname]').focus()
    await page.keyboard.type(nickname)
    await page.keyboard.press('Enter')
    await page.locator('.avatar').waitFor()
    return page
  }
  const [mia, german, sara, bo] = await Promise.all([
    join('Mia', { ...PHONE, ...MOVING }),
    join('<img src=x>', SMALL_DARK),
    join('سارة', PHONE),
    join('Bo', PHONE, '?transport=sse'),
  ])
  const phones = [mia, german, sara, bo]
  t.equal(await german.locator('main img').count(), 0, 'what a player typed is text')
  // Eve types a code that does not exist, then the right one; later the host removes her.
  const expired = { name: 'podium.player.OLDONE', value: JSON.stringify({ token: 'x', expiresAt: 1 }) }
  const storageState = { cookies: [], origins: [{ origin: web, localStorage: [expired] }] }
  const gone = await open('gone', { ...SMALL_DARK, storageState })
  await gone.goto(`${web}/play/ZZZZZZ`)
  await gone.getByText('gibt es kein Quiz').waitFor()
  t.equal(await gone.evaluate(`localStorage.getItem('${expired.name}')`), null, 'no token stays longer than it is good')
  await isClean(gone, 'play-join-german-dark-320')
  await gone.locator('[name=code]').fill(joinCode)
  await gone.locator('[name=nickname]').fill('Eve')
  await gone.keyboard.press('Enter')
  host.once('dialog', (dialog) => void dialog.accept())
  await host.getByRole('button', { name: 'Remove \u2068Eve\u2069' }).click()
  await gone.getByRole('heading', { name: 'entfernt' }).waitFor()
  await isClean(gone, 'play-removed-german-dark-320')
  await gone.context().close()
  await host.getByText('4 of 4 connected').waitFor()
  await Promise.all([isClean(host, 'host-lobby'), isClean(wall, 'screen-lobby'), isClean(mia, 'play-lobby')])

  const next = (name: string) => host.getByRole('button', { name }).click()
  const tile = (page: Page, text: string) => page.locator('.tile', { hasText: text })
  const isCounted = (page: Page) => page.locator('.answer-state.counted').waitFor()

  await next('Start')
  await Promise.all(phones.map((page) => page.locator('.pad').waitFor()))
  await Promise.all([isClean(mia, 'play-question'), shoot(wall, 'screen-question'), shoot(host, 'host-question')])
  t.same(await violations(wall), [], 'nothing for axe: screen-question')
  await isClean(german, 'play-question-german-dark-320')
  t.ok((await widthOf(german)) <= 320, 'nothing is wider than 320 pixels')

  // A reload in mid-question, after the answer.
  await tile(mia, 'goes').click()
  await isCounted(mia)
  await Promise.all([host, wall].map((page) => page.getByText('1 of 4 answered').waitFor()))
  await mia.reload()
  await isCounted(mia)
  t.equal(await tile(mia, 'goes').getAttribute('aria-pressed'), 'true')
  // The keyboard alone.
  await tile(sara, 'goes').focus()
  await sara.keyboard.press('Enter')
  await isCounted(sara)
  // An answer without a network, sent when it is back; over Server-Sent Events.
  await bo.context().setOffline(true)
  await tile(bo, 'going').click()
  await bo.locator('.answer-state.sending').waitFor()
  await bo.context().setOffline(false)
  await isCounted(bo)
  // A killed edge: everyone comes back. The last answer closes the question.
  await stack.process('edge').kill()
  await tile(german, 'gone').click()
  await Promise.all(phones.map((page) => page.locator('.outcome.good, .outcome.bad').waitFor()))
  t.equal(await mia.locator('h1').textContent(), 'Right!')
  t.equal(await german.locator('h1').textContent(), 'Diesmal nicht')
  await mia.locator('.standing strong').waitFor()
  await host.getByText('4 of 4 connected').waitFor()
  await isClean(mia, 'play-result')
  await isClean(german, 'play-result-german-dark-320')
  await wall.locator('.distribution').waitFor()
  await isClean(wall, 'screen-result')
  await isClean(host, 'host-result')

  // The host's laptop is closed and opened; the answer of a phone without a network comes too late.
  await host.reload()
  await next('Next question')
  await Promise.all(phones.map((page) => tile(page, 'b').waitFor()))
  await isClean(sara, 'play-several-reduced-motion')
  await bo.context().setOffline(true)
  await tile(bo, 'a').click()
  await bo.getByRole('button', { name: 'Send' }).click()
  await bo.locator('.answer-state.sending').waitFor()
  await next('Close the question')
  await mia.locator('.outcome').waitFor()
  await bo.context().setOffline(false)
  await bo.getByText('Too late').waitFor()

  // Another tab of the same browser is the same player.
  await next('Next question')
  await tile(mia, 'False').waitFor()
  const second = await mia.context().newPage()
  await second.goto(`${web}/play/${joinCode}`)
  await tile(second, 'False').click()
  await isCounted(second)
  await second.close()
  await host.getByRole('button', { name: 'Pause' }).click()
  await sara.getByText('Paused').waitFor()
  await isClean(sara, 'play-paused')
  await host.getByRole('button', { name: 'Continue' }).click()
  await tile(sara, 'False').click()
  await isCounted(sara)
  await next('Close the question')
  await sara.locator('.outcome.good').waitFor()

  // The kinds that are not answered with one press.
  await next('Next question')
  for (const text of ['mouse', 'dog', 'whale']) await tile(mia, text).click()
  await isClean(mia, 'play-ordering')
  await mia.getByRole('button', { name: 'Send' }).click()
  await isCounted(mia)
  await next('Close the question')
  await mia.locator('.outcome.good').waitFor()
  await next('Next question')
  await sara.getByLabel('Your answer').fill('<i>is</i>')
  await isClean(sara, 'play-typed-reduced-motion')
  await sara.keyboard.press('Enter')
  await isCounted(sara)
  await next('Close the question')
  await sara.locator('.outcome.bad').waitFor()
  await next('Next question')

  await Promise.all([mia, german, sara, bo, wall, host].map((page) => page.locator('.podium').waitFor()))
  await host.getByRole('table').waitFor()
  await sara.reload()
  await sara.getByRole('button', { name: 'Look at your mistakes' }).click()
  await sara.getByText('<script>alert(1)</script>').waitFor()
  t.match(await sara.locator('.review li').last().textContent(), /<i>is<\/i>.*was/)
  await Promise.all([
    isClean(sara, 'play-review-reduced-motion'),
    isClean(mia, 'play-podium'),
    isClean(german, 'play-podium-german-dark-320'),
    isClean(wall, 'screen-podium'),
    isClean(host, 'host-results'),
  ])
  t.same(await shiftsOf(wall), [], 'ranks move by transforms alone')
  const kept = (await mia.evaluate('Object.keys(localStorage).filter((key) => /player|login/.test(key))')) as string[]
  t.same(kept, [], 'no token stays when the session is over')
  t.same(faults, [])
})
