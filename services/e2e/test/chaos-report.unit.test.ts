import t from 'tap'
import { faults } from '../chaos/faults.ts'
import { pictureOf, tableOf } from '../chaos/report.ts'
import { type Attempt, createTimeline, longestOutage } from '../chaos/timeline.ts'

const attempt = (outcome: Attempt['outcome'], at: number, took = 10): Attempt => ({ outcome, at, took })

t.test('an outage lasts from the first attempt that fails to the next acceptance', async (t) => {
  t.equal(longestOutage([]), 0)
  t.equal(longestOutage([attempt('accepted', 0), attempt('accepted', 9_000)]), 0, 'silence without failures is none')
  t.equal(longestOutage([attempt('accepted', 0), attempt('failed', 100), attempt('accepted', 990)]), 900)
  const two = [attempt('failed', 100), attempt('accepted', 190), attempt('failed', 500), attempt('accepted', 1_090)]
  t.equal(longestOutage(two), 600, 'the longest of several')
  t.equal(longestOutage([attempt('accepted', 0), attempt('failed', 100, 400)]), 400, 'to the end when nothing follows')
  const slow = [attempt('failed', 0, 300), attempt('accepted', 100), attempt('accepted', 490)]
  t.equal(longestOutage(slow), 390, 'what another edge accepts meanwhile begins it anew')
})

t.test('table and picture show every run, also one that did not finish', async (t) => {
  const [fault, other] = faults
  if (fault === undefined || other === undefined) throw new Error('there are faults')
  const timeline = createTimeline()
  timeline.attempt(attempt('failed', 0))
  timeline.attempt(attempt('accepted', 490))
  timeline.mark('a < b')
  const played = {
    sessionId: '',
    timeline,
    accepted: 1,
    longestWaitMs: 500,
    refusedInVain: 2,
    notHeard: 3,
    extended: 4,
  }
  const runs = [
    { fault, played: { ...played, violations: ['one'] } },
    { fault: other, played: undefined, error: 'no leader' },
  ]
  t.match(tableOf(runs).split('\n').slice(2), [
    `| ${fault.title} | 1 | 0.5 s | 0.5 s | 2 | 3 | 4 | 1 |`,
    /did not finish: no leader/,
  ])
  const picture = pictureOf(runs)
  t.match(picture, 'a &lt; b')
  t.equal(picture.split('<rect').length - 1, 4, 'a background, a fault and two attempts')
})
