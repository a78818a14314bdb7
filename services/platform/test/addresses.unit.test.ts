import t from 'tap'
import { serverAddresses } from '#platform/addresses'

t.test('addresses of servers come from the environment, in the order of the names', async (t) => {
  const before = { ...process.env }
  t.teardown(() => Object.assign(process.env, before))
  Object.assign(process.env, { TEST_ONE_URL: 'one://a', TEST_TWO_URL: 'two://b', TEST_EMPTY_URL: '' })
  t.same(serverAddresses('TEST_TWO_URL', 'TEST_ONE_URL'), ['two://b', 'one://a'])
  t.throws(() => serverAddresses('TEST_ONE_URL', 'TEST_EMPTY_URL'), {
    message: /^TEST_ONE_URL and TEST_EMPTY_URL are needed; /,
  })
  t.throws(() => serverAddresses('TEST_NONE_URL'), { message: /^TEST_NONE_URL is needed; / })
})
