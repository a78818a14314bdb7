export type { CheckOutcome, Report } from './report.ts'
export { textReport } from './text-report.ts'
export { type VerifyOptions, verifySession } from './verify-session.ts'
