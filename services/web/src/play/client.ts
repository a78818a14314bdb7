import { createClient } from '#client'
import { apiUrl } from '../shared/config.ts'
import { login } from '../shared/kept-login.ts'
import { userToken } from '../shared/user.ts'
import { answerStore } from './kept.ts'

/** `?transport=sse` is for networks that let no WebSocket through. */
const transport = new URLSearchParams(location.search).get('transport') === 'sse' ? 'sse' : 'ws'
export const stream = { transport } as const

/** A user who is logged in joins as that user, others as guests. */
export const createPlayClient = () =>
  createClient({ baseUrl: apiUrl, answerStore, ...(login() !== undefined && { token: userToken }) })

export const codeInPath = (): string =>
  decodeURIComponent(/^\/play\/([^/]+)/.exec(location.pathname)?.[1] ?? '').toUpperCase()
