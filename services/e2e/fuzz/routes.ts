import type { documents } from './documents.ts'

/** Path with `:name` segments, and what kind of document goes with it. */
export type Route = readonly [method: string, path: string, body: keyof typeof documents]

export const ROUTES: readonly Route[] = [
  ['POST', '/v1/quizzes', 'quiz'],
  ['POST', '/v1/quizzes/import', 'import'],
  ['GET', '/v1/quizzes/:quiz', 'none'],
  ['POST', '/v1/sessions', 'session'],
  ['GET', '/v1/sessions/:session', 'none'],
  ['POST', '/v1/sessions/:session/join', 'join'],
  ['POST', '/v1/sessions/:session/leave', 'none'],
  ...['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel', 'x'].map(
    (command) => ['POST', `/v1/sessions/:session/${command}`, 'none'] as const,
  ),
  ['DELETE', '/v1/sessions/:session/players/:player', 'none'],
  ['GET', '/v1/sessions/:session/leaderboard', 'none'],
  ['GET', '/v1/sessions/:session/results', 'none'],
  ['GET', '/v1/sessions/:session/events', 'none'],
  ['GET', '/v1/sessions/:session/ws', 'none'],
  ['GET', '/v1/time', 'none'],
  ['GET', '/livez', 'none'],
  ['GET', '/readyz', 'none'],
  ['GET', '/metrics', 'none'],
  ['GET', '/', 'none'],
]

/** Answers are what most clients send. */
export const ANSWERS: Route = ['POST', '/v1/sessions/:session/answers', 'answer']
