import t from 'tap'
import { hasMediaElsewhere, mediaHostOf } from '../media.ts'

t.test('media are loaded by https, by a public name, without credentials', async (t) => {
  t.equal(mediaHostOf('https://img.example.org/a%20b.png?x=1#y'), 'img.example.org')
  t.equal(mediaHostOf('HTTPS://Bücher.example/cover'), 'xn--bcher-kva.example')
  for (const url of [
    'http://example.org/a.png',
    'https://user:secret@example.org/a.png',
    'https://example.org@10.0.0.1/a.png',
    'https://example.org:8443/a.png',
    'https://10.0.0.1/a.png',
    'https://0x7f.1/a.png',
    'https://2130706433/a.png',
    'https://[::1]/a.png',
    'https://[::ffff:10.0.0.1]/a.png',
    'https://localhost/a.png',
    'https://printer/a.png',
    'https://printer.local/a.png',
    'https://metadata.google.internal/',
    'https://example.org\\@evil.example/',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    `https://example.org/${'a'.repeat(2_000)}`,
  ]) {
    t.equal(mediaHostOf(url), undefined, url)
  }
})

t.test('hosts may be listed, for questions and their options', async (t) => {
  const media = { kind: 'image', url: 'https://img.example.org/a.png' } as const
  t.equal(hasMediaElsewhere({ media }, []), false)
  t.equal(hasMediaElsewhere({ media }, ['example.org']), false)
  t.equal(hasMediaElsewhere({ media }, ['ample.org']), true)
  t.equal(hasMediaElsewhere({ optionMedia: { 0: media } }, ['example.com']), true)
  t.equal(hasMediaElsewhere({}, ['example.com']), false)
})
