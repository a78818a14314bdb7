import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { projectRoot } from '../../../../deploy/local/paths.ts'
import { findProgram } from '../../../../deploy/local/programs.ts'

const executablePath = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome')

/** A reason to skip a test of the pages, or false; in CI there is none. */
export const noChromium: string | false =
  executablePath === undefined &&
  process.env.CI === undefined &&
  'Chromium is not here: setup installs it where it may (apt-get as root), elsewhere install it with the system’s package manager'

const shots = join(projectRoot, 'artifacts/web')

/** The system's Chromium, gone in teardown. */
export const startBrowser = async (t: Test) => {
  if (executablePath === undefined) throw new Error('these tests need Chromium, and in CI they are not skipped')
  mkdirSync(shots, { recursive: true })
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  t.teardown(() => browser.close())
  const faults: string[] = []

  /** A page with a storage of its own. What it logs as an error and what it asks for with a token in the URL is a fault. */
  const open = async (name: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(40_000)
    context.on('page', (page) => watch(name, page))
    await context.addInitScript(WATCH_SHIFTS)
    return context.newPage()
  }
  const watch = (name: string, page: Page): void => {
    page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`))
    page.on('console', (message) => {
      if (/Content.Security.Policy|TrustedHTML/i.test(message.text())) faults.push(`${name}: ${message.text()}`)
    })
    page.on('request', (request) => {
      if (/eyJ/.test(request.url())) faults.push(`${name}: a token in ${request.url()}`)
    })
  }
  return { open, faults }
}

/** What moved on a leaderboard by layout, not by a transform (the Layout Instability API). */
const WATCH_SHIFTS = `
  globalThis.shifts = []
  const onBoard = ({ node }) => (node?.closest ? node : node?.parentElement)?.closest('.board') != null
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.filter(onBoard).map(({ node }) => node.outerHTML ?? node.data)
      if (moved.length > 0) shifts.push(value + ' ' + moved)
    }
  }).observe({ type: 'layout-shift', buffered: true })
`

export const shiftsOf = (page: Page): Promise<string[]> => page.evaluate('shifts') as Promise<string[]>

/** Rules of WCAG 2.2 A and AA that a page breaks, and where. */
export const violations = async (page: Page): Promise<string[]> => {
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source)
  const script = `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })`
  const results = (await page.evaluate(script)) as axe.AxeResults
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

export const widthOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth') as Promise<number>

/** Into artifacts/web, for people to look at. */
export const shoot = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(shots, `${name}.png`) })
}
