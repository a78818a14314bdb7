/** How the players answered one question. */
export interface Tally {
  readonly answerCount: number
  /** Answers per option as shown; true/false: [true, false]. Empty for fill_blank. */
  readonly optionCounts: readonly number[]
  /** fill_blank: the most frequent texts, normalised, most frequent first. */
  readonly textCounts: readonly {
    readonly text: string
    readonly count: number
    /** The word filter refuses it: only the host may see it. */
    readonly isFiltered?: boolean
  }[]
}

/** A question that players have seen, with the window of time in which it takes answers. */
export interface OpenQuestion {
  readonly index: number
  readonly opensAt: number
  readonly closesAt: number
  /** Answering time used up before `opensAt`; more than 0 only after a pause or an outage. */
  readonly elapsedBeforeMs: number
  /** By how much outages have moved `closesAt`; absent while none has moved the question. */
  readonly extendedMs?: number
}

export interface Starting {
  readonly status: 'starting'
  readonly startsAt: number
}

export interface QuestionOpen extends OpenQuestion {
  readonly status: 'question_open'
}

/** Takes no more answers; the reveal is made as soon as the accepted ones are in the ledger. `closesAt` is when it stopped. */
export interface QuestionClosing extends OpenQuestion {
  readonly status: 'question_closing'
  readonly followedBy: 'reveal' | 'finish'
}

export interface QuestionClosed {
  readonly status: 'question_closed'
  readonly index: number
  /** When the session moves on by itself; null when the host does that. */
  readonly nextAt: number | null
}

/** What a pause has put on hold, and what is left of it. */
export type Held =
  | { readonly status: 'starting'; readonly remainingMs: number }
  | { readonly status: 'question_open'; readonly question: OpenQuestion; readonly remainingMs: number }
  | { readonly status: 'question_closed'; readonly index: number; readonly remainingMs: number | null }

export interface Paused {
  readonly status: 'paused'
  /** A set, in the order in which the reasons came; never empty. */
  readonly reasons: readonly string[]
  readonly held: Held
}

export type Phase =
  | { readonly status: 'lobby' }
  | Starting
  | QuestionOpen
  | QuestionClosing
  | QuestionClosed
  | Paused
  | { readonly status: 'finished'; readonly at: number }
  /** `revealedCount`: the questions closed before; absent in older rows. */
  | { readonly status: 'cancelled'; readonly at: number; readonly revealedCount?: number }

/** The whole state of a session. Times are milliseconds since the epoch. */
export interface SessionState {
  /** +1 with every transition; 1 when the session is created. */
  readonly epoch: number
  /** Epoch of the transition that made the present phase and its deadline. Timers are made for it and die with it. */
  readonly phaseEpoch: number
  readonly phase: Phase
  readonly locked: boolean
  /** Players that the host removed. */
  readonly removed: readonly string[]
  /** The last closed question, until the next one opens. */
  readonly revealed: { readonly index: number; readonly tally: Tally } | null
  /** Time limit of each question in the order of play; fixed when the session is created. */
  readonly timeLimitsMs: readonly number[]
}

/** What happened. Each event is one transition. */
export type SessionEvent =
  | { readonly type: 'starting'; readonly startsAt: number }
  | { readonly type: 'question_opened'; readonly index: number; readonly opensAt: number; readonly closesAt: number }
  /** Runs from `opensAt` with what it has left, because nothing could be answered, or it could not be announced, before. */
  | ({ readonly type: 'question_extended' } & Required<Omit<OpenQuestion, 'index'>>)
  | { readonly type: 'question_closing'; readonly at: number; readonly followedBy: QuestionClosing['followedBy'] }
  | { readonly type: 'question_closed'; readonly tally: Tally; readonly nextAt: number | null }
  | { readonly type: 'paused'; readonly reason: string; readonly at: number }
  | { readonly type: 'resumed'; readonly reason: string; readonly at: number }
  | { readonly type: 'locked' }
  | { readonly type: 'unlocked' }
  | { readonly type: 'players_removed'; readonly playerIds: readonly string[] }
  | { readonly type: 'finished'; readonly at: number }
  | { readonly type: 'cancelled'; readonly at: number }

/** What is asked of a session: by the host, by a timer, or by what the players did. */
export type SessionCommand =
  | { readonly type: 'start' | 'next' | 'close' | 'lock' | 'unlock' | 'end' | 'cancel' }
  | { readonly type: 'pause' | 'resume'; readonly reason: string }
  | { readonly type: 'remove-players'; readonly playerIds: readonly string[] }
  /** There are as many players as the settings wait for. */
  | { readonly type: 'auto-start' }
  /** Every joined player has answered the question. */
  | { readonly type: 'all-answered'; readonly index: number }
  /** The deadline of the phase that began with this epoch has come. */
  | { readonly type: 'timer'; readonly epoch: number }
  /** No answer could be stored since `from`, and now they can. All outages move a question by `atMostMs` together. */
  | { readonly type: 'outage-over'; readonly from: number; readonly atMostMs: number }
  /** The message that began the phase with this epoch was stored only now. */
  | { readonly type: 'announced'; readonly epoch: number }
  /** The answers to the question of the phase that began with this epoch are counted. */
  | { readonly type: 'reveal'; readonly epoch: number; readonly tally: Tally }

export type Outcome =
  /** The transitions to make, in order; none when there is nothing to do. */
  | { readonly type: 'accepted'; readonly events: readonly SessionEvent[] }
  /** Not in this state. */
  | { readonly type: 'refused' }
  /** Made for a phase that is gone. */
  | { readonly type: 'stale' }
  /** Not before `dueAt`. */
  | { readonly type: 'early'; readonly dueAt: number }
  /** The open question has to be counted and revealed first; `again`: then the command is to be decided once more. */
  | { readonly type: 'reveal-first'; readonly again: boolean }

/** The settings that the state machine goes by. */
export interface SessionRules {
  readonly advance: 'auto' | 'manual'
  readonly startDelaySeconds: number
  readonly revealSeconds: number
  readonly closeWhenAllAnswered: boolean
}
