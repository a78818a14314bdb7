import { useCallback, useEffect, useState } from 'react'

export interface Loaded<T> {
  readonly value: T | undefined
  readonly problem: unknown
  reload(): void
}

/** What a request answers; the last answer stays while a new one is on its way. `load` has to be stable. */
export const useLoaded = <T>(load: () => Promise<T>): Loaded<T> => {
  const [value, setValue] = useState<T>()
  const [problem, setProblem] = useState<unknown>()
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round is a reason to load again
  useEffect(() => {
    let isCurrent = true
    load().then(
      (loaded) => {
        if (!isCurrent) return
        setValue(loaded)
        setProblem(undefined)
      },
      (error) => isCurrent && setProblem(error),
    )
    return () => {
      isCurrent = false
    }
  }, [load, round])
  return { value, problem, reload: useCallback(() => setRound((before) => before + 1), []) }
}
