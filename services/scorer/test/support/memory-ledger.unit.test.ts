import t from 'tap'
import { testLedgerContract } from './ledger-contract.ts'
import { createMemoryLedger } from './memory-ledger.ts'

testLedgerContract(t, async () => createMemoryLedger())
