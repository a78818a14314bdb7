import { type FuzzLedger, totalOf } from './ledger.ts'
import type { FuzzReport, Holdings } from './run.ts'

const thousands = (value: number): string => Math.round(value).toLocaleString('en-GB')

const held = ({ residentBytes, files }: Holdings): string => `${thousands(residentBytes / 2 ** 20)} MiB, ${files} files`

export const progressLine = (ledger: FuzzLedger, holdings: Holdings): string =>
  `${thousands(totalOf(ledger))} inputs; the edge holds ${held(holdings)}; ${ledger.failures.length} failures`

export const textReport = (report: FuzzReport): string => {
  const { ledger, seconds, honest } = report
  const { requests, mutants, frames } = ledger.sent
  const outcomes = [...ledger.outcomes].sort(([, a], [, b]) => b - a)
  return [
    `seed ${report.seed}: ${thousands(totalOf(ledger))} inputs in ${thousands(seconds)} s (${thousands(totalOf(ledger) / seconds)}/s): ` +
      `${thousands(requests)} requests, ${thousands(mutants)} mutants, ${thousands(frames)} frames`,
    `the edge held ${held(report.before)}; at the end ${held(report.during)}; afterwards ${held(report.after)}`,
    `${honest.games} honest games with ${honest.answers} answers; the slowest took ${thousands(honest.slowestMs)} ms`,
    ...outcomes.map(([outcome, count]) => `  ${String(count).padStart(9)}  ${outcome}`),
    ...report.faults.map((fault) => `FAULT ${fault}`),
  ].join('\n')
}
