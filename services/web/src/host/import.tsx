import { type FormEvent, useState } from 'react'
import type { CreateQuizRequest, ImportQuizRequest, ImportQuizResponse, PodiumClient } from '#client'
import { Heading } from '../shared/layout.tsx'
import { parse } from '../shared/parse.ts'
import { problemText } from '../shared/problem.ts'
import { useDeskTexts } from '../shared/texts/desk.ts'
import { go } from './route.ts'

const FORMATS = ['podium', 'gift', 'csv', 'opentdb', 'xlsx'] as const
type Format = (typeof FORMATS)[number]
const FORMAT_NAMES: Readonly<Record<Format, string>> = {
  podium: 'Podium (JSON)',
  gift: 'Moodle GIFT',
  csv: 'CSV (Kahoot, Quizizz, ClassQuiz)',
  opentdb: 'Open Trivia DB (JSON)',
  xlsx: 'Excel',
}

/** By its name, and JSON by what is in it. */
const formatOf = (name: string, content: string): Format => {
  const extension = name.split('.').pop()?.toLowerCase()
  if (extension === 'xlsx') return 'xlsx'
  if (extension === 'csv') return 'csv'
  if (extension === 'json') return parse<{ results?: unknown }>(content)?.results === undefined ? 'podium' : 'opentdb'
  return 'gift'
}

/** The body of `POST /v1/quizzes`, as people write it and the demo plays it; an export of ours says its format. */
const bareQuiz = (content: string): CreateQuizRequest | undefined => {
  const quiz = parse<Partial<CreateQuizRequest & { format: unknown }>>(content)
  const isBare = quiz?.format === undefined && Array.isArray(quiz?.questions)
  return isBare ? (quiz as CreateQuizRequest) : undefined
}

/** A chunk's worth of arguments at a time: a function takes only so many. */
const base64 = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}

export const ImportPage = ({ client }: { readonly client: PodiumClient }) => {
  const texts = useDeskTexts()
  const [title, setTitle] = useState('')
  const [content, setContent] = useState('')
  const [format, setFormat] = useState<Format>('gift')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [outcome, setOutcome] = useState<ImportQuizResponse>()

  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    const isSheet = file.name.toLowerCase().endsWith('.xlsx')
    const read = isSheet ? base64(new Uint8Array(await file.arrayBuffer())) : await file.text()
    setContent(read)
    setFormat(formatOf(file.name, read))
    const named = parse<{ title?: unknown }>(read)?.title
    if (title === '') setTitle(typeof named === 'string' ? named : file.name.replace(/\.[^.]*$/, ''))
  }
  const bring = async (): Promise<ImportQuizResponse> => {
    const bare = format === 'podium' ? bareQuiz(content) : undefined
    if (bare === undefined) return client.importQuiz({ format, title: title.trim(), content } as ImportQuizRequest)
    const { quizId } = await client.createQuiz({ ...bare, title: title.trim() })
    return { quizId, imported: bare.questions.length, skipped: [] }
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (content.trim() === '') return setProblem(texts.importEmpty)
    setBusy(true)
    setProblem(undefined)
    setOutcome(undefined)
    try {
      setOutcome(await bring())
    } catch (error) {
      setProblem(problemText(error, texts))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main className="page stack">
      <Heading about="import">{texts.importTitle}</Heading>
      <form className="card stack" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span>{texts.importFile}</span>
          <input
            className="input"
            type="file"
            accept=".json,.gift,.txt,.csv,.xlsx"
            onChange={({ target }) => void take(target.files?.[0])}
          />
        </label>
        {format !== 'xlsx' && (
          <label className="field">
            <span>{texts.importPaste}</span>
            <textarea
              className="input"
              dir="auto"
              rows={6}
              value={content}
              onChange={({ target }) => setContent(target.value)}
            />
          </label>
        )}
        <label className="field">
          <span>{texts.format}</span>
          <select className="input" value={format} onChange={({ target }) => setFormat(target.value as Format)}>
            {FORMATS.map((name) => (
              <option key={name} value={name}>
                {FORMAT_NAMES[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{texts.title}</span>
          <input
            className="input"
            dir="auto"
            value={title}
            maxLength={200}
            required
            onChange={({ target }) => setTitle(target.value)}
          />
        </label>
        <p role="alert" className="error">
          {problem}
        </p>
        <div className="row apart">
          <button type="button" className="button" onClick={() => go({ page: 'quizzes' })}>
            {texts.back}
          </button>
          <button type="submit" className="button primary" disabled={isBusy}>
            {texts.importQuiz}
          </button>
        </div>
      </form>
      <div role="status">
        {outcome !== undefined && (
          <section className="card stack">
            <h2>{texts.imported(outcome.imported)}</h2>
            {outcome.skipped.length > 0 && (
              <>
                <p>{texts.skipped(outcome.skipped.length)}</p>
                <ul>
                  {outcome.skipped.map(({ index, reason }) => (
                    <li key={index}>{texts.skippedItem(index + 1, reason)}</li>
                  ))}
                </ul>
              </>
            )}
            <button type="button" className="button primary" onClick={() => go({ page: 'quiz', id: outcome.quizId })}>
              {texts.open}
            </button>
          </section>
        )}
      </div>
    </main>
  )
}
