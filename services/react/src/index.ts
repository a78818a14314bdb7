export { useCountdown } from './countdown.ts'
export { type HostView, useHost } from './host.ts'
export { type OwnAnswer, type PlayerView, usePlayer } from './player.ts'
export {
  type Connection,
  useBoard,
  useConnected,
  useConnection,
  useSnapshot,
} from './stream.ts'
