import type { Entry } from '#client'
import { useTexts } from './texts/index.ts'

const STEPS = [
  { at: 1, name: 'second' },
  { at: 0, name: 'first' },
  { at: 2, name: 'third' },
] as const

/** The first three on their steps. */
export const Podium = ({ top }: { readonly top: readonly Entry[] }) => {
  const texts = useTexts()
  return (
    <ol className="podium">
      {STEPS.map(({ at, name }) => {
        const entry = top[at]
        return (
          <li key={name} className={`step ${name}`}>
            {entry !== undefined && (
              <>
                <bdi>{entry.nickname}</bdi>
                <span className="muted">{texts.points(entry.score)}</span>
                <span className="block">{entry.rank}</span>
              </>
            )}
          </li>
        )
      })}
    </ol>
  )
}
