import type {
  AnswerAccepted,
  Entry,
  EventData,
  Me,
  PodiumEvent,
  PublicQuestion,
  Reveal,
  Snapshot,
  Standing,
  Status,
} from './documents.ts'

/** What a screen shows of a session: the newest of everything that its messages told. */
export interface BoardState {
  /** Undefined before the first snapshot. */
  readonly status: Status | undefined
  readonly locked: boolean
  /** When the countdown ends, while there is one. */
  readonly startsAt: number | undefined
  /** The question that is open; also while the session is paused in it. */
  readonly question: PublicQuestion | undefined
  /** Key and numbers of the question that closed last, until the next one opens. */
  readonly reveal: Reveal | undefined
  /** Why the session is paused, and what it returns to. */
  readonly pause: { readonly reasons: readonly string[]; readonly status: Status } | undefined
  /** How many of the players have answered the open question; undefined before the first answer to it. */
  readonly progress: { readonly answered: number; readonly players: number } | undefined
  /** Version of the board in `top`; never goes back. */
  readonly version: number
  readonly playerCount: number
  readonly top: readonly Entry[]
  /** The player's own rank and score as of `version`; undefined for a host. */
  readonly me: Standing | undefined
  /** What the player's newest scored answer earned. */
  readonly earned: EventData['score.updated'] | undefined
  /** Ids of the questions that the player has answered, as far as this device knows. */
  readonly answered: readonly string[]
}

/** Everything that changes a BoardState: the messages of a stream, and the receipts of the player's own answers. */
export type BoardEvent =
  | PodiumEvent
  | { readonly type: 'answer.accepted'; readonly data: Pick<AnswerAccepted, 'questionId'> }

export const EMPTY_BOARD: BoardState = {
  status: undefined,
  locked: false,
  startsAt: undefined,
  question: undefined,
  reveal: undefined,
  pause: undefined,
  progress: undefined,
  version: 0,
  playerCount: 0,
  top: [],
  me: undefined,
  earned: undefined,
  answered: [],
}

/** The state after a message. The same object when the message changes nothing, also for types unknown to this version. */
export const evolveBoard = (state: BoardState, event: BoardEvent): BoardState => {
  switch (event.type) {
    case 'session.snapshot':
      return fromSnapshot(state, event.data)
    case 'leaderboard.updated': {
      const { version, playerCount, top, me } = event.data
      // Another server may be a little behind the one before.
      return version < state.version ? state : { ...state, version, playerCount, top, me: me ?? state.me }
    }
    case 'leaderboard.changed': {
      const { version, playerCount, order, changed, me } = event.data
      if (version < state.version) return state
      const known = new Map([...state.top, ...changed].map((entry) => [entry.playerId, entry]))
      const top = order.flatMap((playerId) => known.get(playerId) ?? [])
      return { ...state, version, playerCount, top, me: me ?? state.me }
    }
    case 'lobby.updated':
      return { ...state, playerCount: event.data.playerCount }
    case 'session.starting':
      return { ...state, status: 'starting', startsAt: event.data.startsAt }
    case 'question.opened':
      return {
        ...state,
        status: 'question_open',
        startsAt: undefined,
        question: event.data,
        reveal: undefined,
        progress: undefined,
      }
    case 'question.extended': {
      const { questionId, opensAt, closesAt } = event.data
      if (questionId !== state.question?.questionId) return state
      return { ...state, question: { ...state.question, opensAt, closesAt } }
    }
    case 'answers.progress': {
      const { questionId, answered, players } = event.data
      // What a slow connection brings after the end of the question is out of date.
      return questionId === state.question?.questionId ? { ...state, progress: { answered, players } } : state
    }
    case 'question.closed':
      return {
        ...state,
        status: 'question_closed',
        question: undefined,
        reveal: event.data,
        pause: undefined,
        progress: undefined,
      }
    case 'score.updated':
      return { ...state, earned: event.data, answered: including(state.answered, event.data.questionId) }
    case 'answer.accepted':
      return { ...state, answered: including(state.answered, event.data.questionId) }
    case 'session.paused':
      return paused(state, event.data.reason)
    case 'session.resumed':
      return resumed(state, event.data)
    case 'session.locked':
      return { ...state, locked: true }
    case 'session.unlocked':
      return { ...state, locked: false }
    case 'session.cancelled':
      return { ...state, ...OVER, status: 'cancelled' }
    case 'session.finished': {
      const { top, playerCount, me } = event.data
      return { ...state, ...OVER, status: 'finished', top, playerCount, me: me ?? state.me }
    }
    case 'question.upcoming':
    case 'presence.updated':
    case 'stream.resumed':
    case 'player.removed':
    case 'player.replaced':
      return state
    default:
      event satisfies never
      return state
  }
}

const OVER = { question: undefined, pause: undefined, startsAt: undefined, progress: undefined }

const including = (ids: readonly string[], id: string): readonly string[] => (ids.includes(id) ? ids : [...ids, id])

/** Undefined while the server does not tell rank and score: the board is unavailable, or would reveal a result. */
const standingOf = (me: Me | undefined): Standing | undefined =>
  me?.rank === undefined || me.score === undefined ? undefined : { rank: me.rank, score: me.score }

const fromSnapshot = (state: BoardState, snapshot: Snapshot): BoardState => {
  const { status, locked, startsAt, question, reveal, pause, leaderboard, me } = snapshot
  const isOpen = status === 'question_open' || (status === 'paused' && pause?.status === 'question_open')
  const isNewer = leaderboard.version >= state.version
  const board = isNewer
    ? {
        version: leaderboard.version,
        playerCount: leaderboard.playerCount,
        top: leaderboard.top,
        me: standingOf(me) ?? (me === undefined ? undefined : state.me),
      }
    : {}
  return {
    ...state,
    ...board,
    status,
    locked,
    startsAt,
    question: isOpen ? question : undefined,
    reveal: isOpen ? undefined : reveal,
    progress: isOpen && question?.questionId === state.question?.questionId ? state.progress : undefined,
    pause:
      status === 'paused' ? { reasons: pause?.reasons ?? [], status: pause?.status ?? 'question_closed' } : undefined,
    answered: (me?.answered ?? []).reduce(including, state.answered),
  }
}

const paused = (state: BoardState, reason: string): BoardState => ({
  ...state,
  status: 'paused',
  pause: {
    reasons: including(state.pause?.reasons ?? [], reason),
    status: state.pause?.status ?? state.status ?? 'question_closed',
  },
})

/** Every pause has its reason, and the session continues when the last one is gone. */
const resumed = (state: BoardState, { reason, question }: EventData['session.resumed']): BoardState => {
  const reasons = (state.pause?.reasons ?? []).filter((other) => other !== reason)
  if (state.pause !== undefined && reasons.length > 0) return { ...state, pause: { ...state.pause, reasons } }
  const status = state.pause?.status ?? (question === undefined ? 'question_closed' : 'question_open')
  const isOpen = status === 'question_open'
  return {
    ...state,
    status,
    pause: undefined,
    startsAt: undefined,
    question: isOpen ? (question ?? state.question) : undefined,
  }
}
