-- Reads a whole board.
--
-- KEYS[1] board, KEYS[2] players, KEYS[3] meta: as in apply-totals-3.lua
-- ARGV[1]          run id of this server
-- ARGV[2]          time to live of all keys, seconds
--
-- Result: {} when the board is not here, otherwise {epoch, version, player id, record, player id, record...}

local run = ARGV[1]
local meta = redis.call('HMGET', KEYS[3], 'run', 'epoch', 'version', 'size')
local size = redis.call('HLEN', KEYS[2]) .. ':' .. redis.call('ZCARD', KEYS[1])
if meta[1] ~= run or meta[4] ~= size then return {} end

for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[2]) end
local result = { tonumber(meta[2]), tonumber(meta[3]) }
for _, value in ipairs(redis.call('HGETALL', KEYS[2])) do result[#result + 1] = value end
return result
