import t from 'tap'
import { prefersCsv } from '../../api/results-json.ts'

t.test('CSV is for those who want it more than JSON', async (t) => {
  for (const accept of [
    'text/csv',
    'TEXT/CSV',
    'text/*',
    'text/csv, application/json;q=0.5',
    'text/csv;charset=utf-8',
    '*/*;q=0.1, text/csv',
  ]) {
    t.ok(prefersCsv(accept), accept)
  }
  for (const accept of [
    '',
    '*/*',
    'application/json',
    'text/csv;q=0',
    'application/json, text/csv',
    'text/csv;q=x',
    'text/html',
    ',;=,',
  ]) {
    t.notOk(prefersCsv(accept), accept)
  }
})
