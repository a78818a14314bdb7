import { createClient, type EventStream } from '#client'
import { createGame, openNextQuestion, rightChoice, wrongChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import type { Target } from '../target.ts'
import { createMessageJudge } from '../test/support/schemas.ts'

/** What came of games that were played as they should be, during an attack. */
export interface HonestGames {
  readonly games: number
  readonly answers: number
  /** Milliseconds from an answer to its acceptance, the longest. */
  readonly slowestMs: number
  /** Sentences about what was not as it should be. */
  readonly faults: readonly string[]
}

const NAMES = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Flo']
const QUESTIONS = 3

/** Plays one game after the other until it is over; at least one, and the last to its end. */
export const playHonestGames = async (target: Target, isOver: () => boolean): Promise<HonestGames> => {
  const judgeOf = createMessageJudge()
  const faults: string[] = []
  let [games, answers, slowestMs] = [0, 0, 0]
  const client = async (name: string, roles?: readonly string[]) =>
    createClient({ baseUrl: target.stack.urls.edge, token: await target.token(name, roles) })
  const judge = (stream: Pick<EventStream, 'on'>): void => {
    stream.on('*', (event) => {
      const fault = judgeOf(event)
      if (fault !== undefined) faults.push(`not as described: ${JSON.stringify(fault)}`)
    })
  }

  const play = async (): Promise<void> => {
    const open: { close(): void }[] = []
    try {
      const host = () => client(`Honest ${games}`, ['host'])
      const onPlayer = (player: EventStream) => {
        open.push(player)
        judge(player)
      }
      const settings = { advance: 'manual', closeWhenAllAnswered: false, timeLimitSeconds: 120 }
      const game = await createGame(
        { host, user: client, onPlayer },
        { players: NAMES, questions: QUESTIONS, settings },
      )
      for (let index = 0; index < QUESTIONS; index++) {
        const { questionId } = await openNextQuestion(game)
        await Promise.all(
          game.players.map(async (player, n) => {
            const began = performance.now()
            await player.answer(questionId, { choice: n % 2 === 0 ? rightChoice(index) : wrongChoice(index) })
            slowestMs = Math.max(slowestMs, performance.now() - began)
            answers += 1
          }),
        )
      }
      await game.host.control(game.session.sessionId, 'end')
      // A worker that a busy machine keeps from its messages gets them again after ten seconds.
      await eventually(
        async () => {
          const { questions } = await game.host.results(game.session.sessionId)
          const isCounted = questions.every(({ answerCount }) => answerCount === NAMES.length)
          return isCounted && (await target.differences(game.session.sessionId)).length === 0
        },
        { timeoutMs: 30_000, intervalMs: 100, what: 'every answer counts, and ledger, totals and board agree' },
      )
    } catch (error) {
      faults.push(`an honest game failed: ${error instanceof Error ? error.stack : error}`)
    } finally {
      for (const stream of open) stream.close()
      games += 1
    }
  }

  do await play()
  while (!isOver())
  return { games, answers, slowestMs, faults }
}
