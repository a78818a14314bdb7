/**
 * Where answers wait until the server has said what became of them; give the client one that outlives the app, such as
 * React Native's AsyncStorage, a browser's localStorage or IndexedDB. One key per player with a short text as its value;
 * the key is deleted when nothing waits. Calls for one key come one after the other.
 */
export interface AnswerStore {
  get(key: string): Promise<string | null | undefined>
  put(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
}

/** Forgets everything when the app ends. */
export const memoryStore = (): AnswerStore => {
  const values = new Map<string, string>()
  return {
    get: async (key) => values.get(key),
    put: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  }
}
