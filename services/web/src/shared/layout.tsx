import { type ReactNode, useEffect, useRef } from 'react'
import { type Language, languageNames, setLanguage, useLanguage, useTexts } from './texts/index.ts'

export const Brand = () => (
  <span className="brand">
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4a2fd6" />
      <path fill="#fff" d="M12 9h8v17h-8z" />
      <path fill="#ffc53d" d="M4 16h7v10H4z" />
      <path fill="#ff8a65" d="M21 19h7v7h-7z" />
    </svg>
    Podium
  </span>
)

export const Footer = ({ children }: { readonly children?: ReactNode }) => {
  const texts = useTexts()
  const language = useLanguage()
  return (
    <footer className="footer">
      <select
        aria-label={texts.language}
        value={language}
        onChange={(event) => void setLanguage(event.target.value as Language)}
      >
        {Object.entries(languageNames).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
      {children}
    </footer>
  )
}

/** A heading that gets the focus when what it heads is new, so that keyboards and screen readers are where the page is. */
export const Heading = ({
  about,
  children,
  className,
}: {
  readonly about: string
  readonly children: ReactNode
  readonly className?: string
}) => {
  const heading = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus moves when the page is about something else
  useEffect(() => heading.current?.focus({ preventScroll: true }), [about])
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {children}
    </h1>
  )
}
