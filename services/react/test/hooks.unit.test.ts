import t from 'tap'
import { type AnswerAccepted, type AnswerOutcome, PodiumProblem } from '../../client/src/index.ts'
import { secondsLeft, untilNextSecond } from '../src/countdown.ts'
import { createAnswers } from '../src/player.ts'

/** A player whose answers the test decides. */
const answeringPlayer = () => {
  const outcomes: ((outcome: AnswerOutcome) => void)[] = []
  const sent: { questionId: string; reject: (problem: PodiumProblem) => void }[] = []
  return {
    sent,
    tell: (outcome: AnswerOutcome) => {
      for (const listener of outcomes) listener(outcome)
    },
    player: {
      answer: (questionId: string) =>
        new Promise<AnswerAccepted>((_, reject) => {
          sent.push({ questionId, reject })
        }),
      onAnswer: (listener: (outcome: AnswerOutcome) => void) => {
        outcomes.push(listener)
        return () => undefined
      },
    },
  }
}

const receipt = { answerId: 'a', questionId: 'q', receivedAt: 1 }
const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('an answer is sent once and counted when the server has it', async (t) => {
  const { player, sent, tell } = answeringPlayer()
  const answers = createAnswers(player)
  let changes = 0
  answers.subscribe(() => changes++)
  answers.answer('q', { choice: 1 })
  answers.answer('q', { choice: 2 })
  t.equal(sent.length, 1)
  t.match(answers.all().get('q'), { content: { choice: 1 }, state: 'sending' })
  tell({ answerId: 'a', questionId: 'q', receipt })
  t.match(answers.all().get('q'), { content: { choice: 1 }, state: 'counted' })
  t.equal(changes, 2)
})

t.test('an answer without a network waits, and is refused when the question has closed meanwhile', async (t) => {
  const { player, sent, tell } = answeringPlayer()
  const answers = createAnswers(player)
  answers.answer('q', { text: 'went' })
  sent[0]?.reject(new PodiumProblem('client-timeout', 0))
  await settled()
  t.match(answers.all().get('q'), { state: 'waiting', problem: { code: 'client-timeout' } })
  tell({ answerId: 'a', questionId: 'q', problem: new PodiumProblem('question-closed', 409) })
  t.match(answers.all().get('q'), { content: { text: 'went' }, state: 'refused', problem: { code: 'question-closed' } })
})

t.test('what was counted stays counted when a second answer is refused', async (t) => {
  const { player, tell } = answeringPlayer()
  const answers = createAnswers(player)
  tell({ answerId: 'a', questionId: 'q', receipt })
  tell({ answerId: 'b', questionId: 'q', problem: new PodiumProblem('already-answered', 400) })
  t.match(answers.all().get('q'), { content: undefined, state: 'counted' })
})

t.test('a countdown is in whole seconds of the server, rounded up', async (t) => {
  const clock = { serverNow: () => 10_000 }
  t.equal(secondsLeft(clock, 12_001), 3)
  t.equal(secondsLeft(clock, 12_000), 2)
  t.equal(secondsLeft(clock, 9_000), 0)
  t.equal(secondsLeft(clock, undefined), 0)
  t.equal(untilNextSecond(clock, 9_000), undefined)
  const waitMs = untilNextSecond(clock, 12_300) ?? 0
  t.equal(secondsLeft({ serverNow: () => 10_000 + waitMs }, 12_300), 2, 'after the wait it is one less')
})
