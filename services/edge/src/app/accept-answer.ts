import type { Principal } from './ports.ts'

/** What the API says about an accepted answer. */
export interface AcceptedAnswer {
  readonly answerId: string
  readonly questionId: string
  /** Milliseconds since the epoch: when the answer first arrived. */
  readonly receivedAt: number
}

export interface AnswerInput {
  readonly principal: Principal
  readonly sessionId: string
  /** Gives the body as parsed JSON, not validated yet. Called after the participant check. @throws PodiumError `malformed` */
  readonly body: () => unknown
}

/** @throws PodiumError with one of the codes of the API's answer rows */
export type AcceptAnswer = (input: AnswerInput) => Promise<AcceptedAnswer>
