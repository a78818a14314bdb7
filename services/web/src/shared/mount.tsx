import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { loadLanguage } from './texts/index.ts'
import './base.css'

export const mount = (page: ReactNode): void => {
  const root = document.getElementById('root')
  if (root === null) return
  void loadLanguage().then(() => createRoot(root).render(<StrictMode>{page}</StrictMode>))
}
