-- Up Migration

-- What the network took of the answering time stands beside it in the same four bytes, so that a row stays as narrow as it
-- is: timing = delay_ms * 2^20 + elapsed_ms. Rows of before have no delay, and stay as they are.
ALTER TABLE ledger RENAME COLUMN elapsed_ms TO timing;

-- Down Migration

ALTER TABLE ledger RENAME COLUMN timing TO elapsed_ms;
