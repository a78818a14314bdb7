import type { StackOptions } from '../../../deploy/local/stack.ts'

/**
 * All attackers have one address, and shall get further than its limit. Their own limits are as in production: most of what
 * reaches the stores is theirs otherwise.
 */
export const FUZZ_STACK: Partial<StackOptions> = {
  logLevel: 'info',
  env: { RATE_ADDRESS: '1000000/1000000', RATE_INVALID_TOKENS: '1000000/1000000', MAX_LATENESS_MS: '10000' },
}
