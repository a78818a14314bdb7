import { useSyncExternalStore } from 'react'

export type Route =
  | { readonly page: 'quizzes' }
  | { readonly page: 'new' }
  | { readonly page: 'import' }
  | { readonly page: 'quiz' | 'session'; readonly id: string }

const routeOf = (path: string): Route => {
  const [, , page, id] = path.split('/')
  if ((page === 'quiz' || page === 'session') && id) return { page, id: decodeURIComponent(id) }
  return page === 'new' || page === 'import' ? { page } : { page: 'quizzes' }
}

export const pathOf = (route: Route): string => {
  if ('id' in route) return `/host/${route.page}/${encodeURIComponent(route.id)}`
  return route.page === 'quizzes' ? '/host' : `/host/${route.page}`
}

const listeners = new Set<() => void>()
addEventListener('popstate', () => {
  for (const listener of [...listeners]) listener()
})

export const go = (route: Route): void => {
  history.pushState(null, '', pathOf(route))
  for (const listener of [...listeners]) listener()
}

export const useRoute = (): Route => {
  const path = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => location.pathname,
  )
  return routeOf(path)
}
