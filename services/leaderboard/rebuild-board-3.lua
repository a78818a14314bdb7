-- Writes a whole board under a new epoch. If there is one, another copy was quicker, and players may have been brought up
-- to date since: then only the epoch is raised, so that the board has the latest one that was begun.
--
-- KEYS[1] board, KEYS[2] players, KEYS[3] meta: as in apply-totals-3.lua
-- ARGV[1]          run id of this server
-- ARGV[2]          time to live of all keys, seconds
-- ARGV[3]          the new epoch
-- ARGV[4..]        per player: member, packed score ('' for a removed one), record
--
-- Result: {epoch, version} of the board that is here now

local run = ARGV[1]
local meta = redis.call('HMGET', KEYS[3], 'run', 'epoch', 'version', 'size')
local size = redis.call('HLEN', KEYS[2]) .. ':' .. redis.call('ZCARD', KEYS[1])
if meta[1] == run and meta[4] == size then
  local epoch = math.max(tonumber(meta[2]), tonumber(ARGV[3]))
  redis.call('HSET', KEYS[3], 'epoch', epoch)
  return { epoch, tonumber(meta[3]) }
end

redis.call('DEL', unpack(KEYS))
for at = 4, #ARGV, 3 do
  local member, score, record = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  redis.call('HSET', KEYS[2], string.sub(member, 8), record)
  if score ~= '' then redis.call('ZADD', KEYS[1], score, member) end
end
size = redis.call('HLEN', KEYS[2]) .. ':' .. redis.call('ZCARD', KEYS[1])
redis.call('HSET', KEYS[3], 'run', run, 'epoch', ARGV[3], 'version', 1, 'size', size)
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[2]) end
return { tonumber(ARGV[3]), 1 }
