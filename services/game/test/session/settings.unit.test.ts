import t from 'tap'
import { completeSettings, defaultSettings, type SettingsInput } from '../../session/settings.ts'

t.test('settings that are not given have their defaults', async (t) => {
  t.same(completeSettings({}), { ok: true, value: defaultSettings })
  t.same(completeSettings({ advance: 'manual', revealSeconds: undefined, timeLimitSeconds: 5 }), {
    ok: true,
    value: { ...defaultSettings, advance: 'manual', timeLimitSeconds: 5 },
  })
})

t.test('every setting out of bounds is named', async (t) => {
  const cases: readonly [SettingsInput, string, string][] = [
    [{ timeLimitSeconds: 0 }, 'timeLimitSeconds', 'minimum'],
    [{ timeLimitSeconds: 601 }, 'timeLimitSeconds', 'maximum'],
    [{ maxParticipants: 0 }, 'maxParticipants', 'minimum'],
    [{ questionOrder: 'backwards' }, 'questionOrder', 'enum'],
    [{ optionOrder: '' }, 'optionOrder', 'enum'],
    [{ advance: 'never' }, 'advance', 'enum'],
    [{ autoStartPlayers: 11, maxParticipants: 10 }, 'autoStartPlayers', 'maximum'],
    [{ startDelaySeconds: -1 }, 'startDelaySeconds', 'minimum'],
    [{ revealSeconds: 61 }, 'revealSeconds', 'maximum'],
    [{ revealSeconds: Number.NaN }, 'revealSeconds', 'type'],
    [{ scoring: 'luck' }, 'scoring', 'enum'],
    [{ reveal: 'never' }, 'reveal', 'enum'],
    [{ access: 'unknown' }, 'access', 'enum'],
  ]
  for (const [input, name, code] of cases) {
    t.same(completeSettings(input), { ok: false, errors: [{ pointer: `/settings/${name}`, code }] })
  }
  t.match(completeSettings({ advance: 'x', scoring: 'y' }), { errors: { length: 2 } })
})
