-- Brings players' records up to date: the higher version wins, a removed player stays removed.
--
-- KEYS[1] board    ZSET: member -> packed score
-- KEYS[2] players  HASH: player id -> record; begins with the version, or is the text of a removed player
-- KEYS[3] meta     HASH: run, epoch, version, size
-- ARGV[1]          run id of this server, which the caller learnt on the same connection
-- ARGV[2]          time to live of all keys, seconds
-- ARGV[3..]        per player: member, packed score ('' for a removed one), record. Each player once, at most 1000.
--
-- Result: {} when the board is not here (never built, flushed, or from another run of the server), otherwise
-- {epoch, version before, version after, place of each player that was left as it is (1-based)...}

local run = ARGV[1]
local meta = redis.call('HMGET', KEYS[3], 'run', 'epoch', 'version', 'size')
local size = redis.call('HLEN', KEYS[2]) .. ':' .. redis.call('ZCARD', KEYS[1])
if meta[1] ~= run or meta[4] ~= size then return {} end

-- A removed player's record has no digits in front.
local function version(record)
  return tonumber(string.match(record, '^%d+')) or math.huge
end

local ids = {}
for at = 3, #ARGV, 3 do
  -- A member is seven characters of join order, then the id.
  ids[#ids + 1] = string.sub(ARGV[at], 8)
end
local known = redis.call('HMGET', KEYS[2], unpack(ids))

local add, remove, records, result = {}, {}, {}, { tonumber(meta[2]), tonumber(meta[3]), tonumber(meta[3]) }
for place, id in ipairs(ids) do
  local at = 3 * place
  local member, score, record = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if known[place] and version(record) <= version(known[place]) then
    result[#result + 1] = place
  else
    records[#records + 1] = id
    records[#records + 1] = record
    if score == '' then
      remove[#remove + 1] = member
    else
      add[#add + 1] = score
      add[#add + 1] = member
    end
  end
end

if #records > 0 then
  redis.call('HSET', KEYS[2], unpack(records))
  if #add > 0 then redis.call('ZADD', KEYS[1], unpack(add)) end
  if #remove > 0 then redis.call('ZREM', KEYS[1], unpack(remove)) end
  result[3] = redis.call('HINCRBY', KEYS[3], 'version', 1)
  redis.call('HSET', KEYS[3], 'size', redis.call('HLEN', KEYS[2]) .. ':' .. redis.call('ZCARD', KEYS[1]))
end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[2]) end
return result
