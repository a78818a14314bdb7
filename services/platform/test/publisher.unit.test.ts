import t from 'tap'
import { storedAt } from '#platform/publisher'

const of = (text: string): number | undefined => storedAt(Buffer.from(text))

t.test('what a PubAck says', async (t) => {
  t.equal(of('{"stream":"ANSWERS", "seq":123}'), 123, 'as the server writes it')
  t.equal(of('{"stream":"ANSWERS","seq":7}'), 7)
  t.equal(of('{"stream":"X","domain":"hub", "seq":9007199254740991}'), Number.MAX_SAFE_INTEGER)
  t.equal(of('{"stream":"ANSWERS", "seq":123,"duplicate": true}'), undefined, 'anything else is left to JSON')
  t.equal(of('{"error":{"code":400,"err_code":10077},"stream":"ANSWERS","seq":0}'), undefined)
  t.equal(of('{"stream":"ANSWERS"}'), undefined)
  t.equal(of('{"stream":"ANSWERS","seq":}'), undefined)
  t.equal(of('{"stream":"ANSWERS","other":5}'), undefined)
  t.equal(of(''), undefined)
  t.equal(of('}'), undefined)
})
