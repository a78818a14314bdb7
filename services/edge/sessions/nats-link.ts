import type { NatsConnection } from '@nats-io/transport-node'
import type { Link } from '../ports.ts'

/** Follows the state of the connection until it is closed. */
export const createNatsLink = (nats: NatsConnection): Link => {
  let isUp = true
  const down: (() => void)[] = []
  const up: (() => void)[] = []

  const follow = async (): Promise<void> => {
    for await (const { type } of nats.status()) {
      if (type === 'disconnect' && isUp) {
        isUp = false
        for (const listener of down) listener()
      } else if (type === 'reconnect' && !isUp) {
        isUp = true
        for (const listener of up) listener()
      }
    }
  }
  void follow()

  return {
    isUp: () => isUp,
    onDown: (listener) => {
      down.push(listener)
    },
    onUp: (listener) => {
      up.push(listener)
    },
  }
}
