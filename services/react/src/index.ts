export { useCountdown } from './countdown.ts'
export { type HostView, useHost } from './host.ts'
export { type OwnAnswer, type PlayerView, usePlayer } from './player.ts'
export {
  type AnswerProgress,
  type Connection,
  useBoard,
  useConnected,
  useConnection,
  useProgress,
  useSnapshot,
} from './stream.ts'
