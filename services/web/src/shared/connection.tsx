import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Connection } from '#react'
import { useTexts } from './texts/index.ts'

/** A change of connection that takes less than this (ms) is not worth a word. */
const PATIENCE_MS = 900

/** What the connection is doing, in words, when it is not well. */
export const ConnectionNotice = ({ connection }: { readonly connection: Connection }) => {
  const texts = useTexts()
  const isOnline = useOnline()
  const isWell = connection.status === 'open' || connection.status === 'closed' || connection.status === 'idle'
  const isLong = useLasting(!isWell, PATIENCE_MS)
  const text = !isOnline && !isWell ? texts.offline : isLong ? texts.reconnecting : undefined
  return (
    <div role="status" className="connection">
      {text !== undefined && <p className="notice">{text}</p>}
    </div>
  )
}

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}

export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine)

/** True when the condition has been true for so long. */
export const useLasting = (condition: boolean, ms: number): boolean => {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (!condition) return
    const timer = setTimeout(() => setLasting(true), ms)
    return () => {
      clearTimeout(timer)
      setLasting(false)
    }
  }, [condition, ms])
  return condition && lasting
}
