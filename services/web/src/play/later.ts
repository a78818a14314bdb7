export { End } from './end.tsx'
export { Result } from './result.tsx'
