-- KEYS[1] board ZSET, KEYS[2] SET of answer ids applied, KEYS[3] version
-- ARGV per event: answer id, user id, points
-- Result: version, then user id and score of each event that was new
local result = {}
for at = 1, #ARGV, 3 do
  if redis.call('SADD', KEYS[2], ARGV[at]) == 1 then
    local score = redis.call('ZINCRBY', KEYS[1], ARGV[at + 2], ARGV[at + 1])
    result[#result + 1] = ARGV[at + 1]
    result[#result + 1] = score
  end
end
table.insert(result, 1, redis.call('INCRBY', KEYS[3], #result / 2))
return result
