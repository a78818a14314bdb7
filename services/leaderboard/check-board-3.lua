-- Looks whether a board is here, without touching it.
--
-- KEYS[1] board, KEYS[2] players, KEYS[3] meta: as in apply-totals-3.lua
-- ARGV[1]          run id of this server
--
-- Result: {} when the board is not here, otherwise {epoch, version}

local run = ARGV[1]
local meta = redis.call('HMGET', KEYS[3], 'run', 'epoch', 'version', 'size')
local size = redis.call('HLEN', KEYS[2]) .. ':' .. redis.call('ZCARD', KEYS[1])
if meta[1] ~= run or meta[4] ~= size then return {} end
return { tonumber(meta[2]), tonumber(meta[3]) }
