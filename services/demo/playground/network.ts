import type { WebSocketConstructor } from '#client'

/** What happens to messages on their way to the client. */
export interface Faults {
  delayMs: number
  /** So many of the next messages are lost. */
  lose: number
  /** Every message comes twice. */
  twice: boolean
}

type Socket = InstanceType<WebSocketConstructor>

/** WebSockets whose messages arrive as the faults say, in their order. */
export const faultyWebSocket = (
  WebSocket: WebSocketConstructor,
  faults: Faults,
  /** Called with every message that arrives, and with what is lost. */
  watch: (text: string, fate: 'arrives' | 'is lost') => void,
): WebSocketConstructor =>
  class implements Socket {
    onopen: Socket['onopen'] = null
    onmessage: Socket['onmessage'] = null
    onerror: Socket['onerror'] = null
    onclose: Socket['onclose'] = null
    readonly #socket: Socket
    #last: Promise<void> = Promise.resolve()

    constructor(url: string, protocols: string[]) {
      this.#socket = new WebSocket(url, protocols)
      this.#socket.onopen = (event) => this.onopen?.(event)
      this.#socket.onerror = (event) => this.onerror?.(event)
      this.#socket.onclose = (event) => this.onclose?.(event)
      this.#socket.onmessage = (event) => this.#receive(event)
    }

    send(data: string): void {
      this.#socket.send(data)
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason)
    }

    #receive(event: never): void {
      const text = String((event as { readonly data: unknown }).data)
      if (faults.lose > 0) {
        faults.lose -= 1
        watch(text, 'is lost')
        return
      }
      const { delayMs } = faults
      const arrivals = faults.twice ? 2 : 1
      this.#last = this.#last.then(async () => {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
        for (let arrival = 0; arrival < arrivals; arrival += 1) {
          watch(text, 'arrives')
          this.onmessage?.(event)
        }
      })
    }
  }
