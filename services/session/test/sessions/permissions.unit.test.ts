import t from 'tap'
import { type Action, mayAsk, mayTouch, PERMISSIONS } from '../../sessions/permissions.ts'

const ACTIONS = Object.keys(PERMISSIONS) as Action[]
const host = { userId: 'h', roles: ['host'] }

t.test('every action needs a user with the role', async (t) => {
  for (const action of ACTIONS) {
    t.equal(mayAsk(action, undefined), 'unauthorized')
    t.equal(mayAsk(action, { userId: '', roles: ['host'] }), 'unauthorized')
    for (const roles of [[], ['player'], ['Host'], ['hosts']])
      t.equal(mayAsk(action, { userId: 'u', roles }), 'forbidden')
    t.equal(mayAsk(action, host), 'allowed')
  }
})

t.test("another owner's object is not found", async (t) => {
  for (const action of ACTIONS.filter((name) => PERMISSIONS[name].of === 'self')) {
    t.equal(mayTouch(action, host, { hostId: 'h' }), 'allowed')
    t.equal(mayTouch(action, host, { hostId: 'other' }), 'not-found')
    t.equal(mayTouch(action, host, undefined), 'not-found')
  }
})
