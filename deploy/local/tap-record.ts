/** What tap writes about a run (TAP 14), read again: how many tests there were, and why those that failed did. */
export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

const resultLine = /^( *)(not )?ok \d+\b(.*)$/
const excused = (rest: string): boolean => /# (skip|todo)\b/i.test(rest)

/**
 * Counts the named tests: the results one level below the files. Files that broke before they could name a test count as
 * well.
 */
export const countTests = (tap: string): Counts => {
  const results = [...tap.matchAll(/^( {4})?(not )?ok \d+\b(.*)$/gm)].map(([, indent, not, rest = '']) => ({
    isFile: indent === undefined,
    outcome: excused(rest) ? 'skipped' : not === undefined ? 'passed' : 'failed',
  }))
  const count = (isFile: boolean, outcome: string) =>
    results.filter((result) => result.isFile === isFile && result.outcome === outcome).length
  return {
    passed: count(false, 'passed'),
    failed: Math.max(count(false, 'failed'), count(true, 'failed')),
    skipped: count(false, 'skipped'),
  }
}

/**
 * The innermost failures, each as one text: file and names of the tests around it, then tap's diagnosis. A test that
 * failed because of something inside it is not repeated.
 */
export const failures = (tap: string): readonly string[] => {
  const found: string[][] = []
  const around: string[] = []
  let within: number[] = []
  let diagnosis: string[] | undefined
  for (const line of tap.split('\n')) {
    const [, indent = '', not, rest = ''] = resultLine.exec(line) ?? []
    const subtest = /^( *)# Subtest: (.*)$/.exec(line)
    if (subtest !== null) {
      around.length = (subtest[1] ?? '').length / 4
      around.push(subtest[2] ?? '')
    } else if (resultLine.test(line)) {
      const depth = indent.length / 4
      const isInnermost = !within.some((inner) => inner > depth)
      within = within.filter((inner) => inner <= depth)
      diagnosis = undefined
      if (not === undefined || excused(rest)) continue
      within.push(depth)
      if (!isInnermost) continue
      diagnosis = [[...around.slice(0, depth), rest.replace(/^ - /, '')].join(' > ')]
      found.push(diagnosis)
    } else if (line.trim() === '...') diagnosis = undefined
    else diagnosis?.push(line)
  }
  return found.map((lines) => lines.filter((line) => line.trim() !== '---').join('\n'))
}
