"""What Redis does in one step when a worker syncs a key: learn, refill, share out. All times are Redis's own."""

SYNC = """
local state_key, leases_key = KEYS[1], KEYS[2]
local worker, want, in_flight = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local ok, failed = tonumber(ARGV[4]), ARGV[5] == '1'
local limited_epoch, retry_ms = tonumber(ARGV[6]), tonumber(ARGV[7])
local need_requests, unused_requests = tonumber(ARGV[8]), tonumber(ARGV[9])
local head_tokens, need_tokens, unused_tokens = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local start, lowest, highest, slow_start = tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15]), ARGV[16]
local requests_limit, tokens_limit = tonumber(ARGV[17]), tonumber(ARGV[18])
local lease_ms, blind_ms, rotate_ms = tonumber(ARGV[19]), tonumber(ARGV[20]), tonumber(ARGV[21])

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local flat, s = redis.call('HGETALL', state_key), {}
for i = 1, #flat, 2 do s[flat[i]] = flat[i + 1] end
local size = math.min(math.max(tonumber(s.size or start), lowest), highest)
local epoch, clean = tonumber(s.epoch or 0), tonumber(s.clean or 0)
local slow, blocked = s.slow or slow_start, tonumber(s.blocked or 0)

-- learn (limiter/window.py says why)
if limited_epoch >= 0 then
  local began = limited_epoch >= epoch
  if began then
    epoch, size, slow, clean = epoch + 1, math.max(size * 0.8, lowest), '0', 0
  end
  if retry_ms >= 0 or began then
    blocked = math.max(blocked, now + (retry_ms >= 0 and retry_ms or blind_ms))
  end
elseif failed then
  clean = 0
else
  clean = clean + ok
  while clean >= math.floor(size) do
    clean = clean - math.floor(size)
    if size >= highest then clean = 0 break end
    size = math.min(size * (slow == '1' and 2 or 1.05), highest)
  end
end

-- who holds what; a worker that has not synced within its lease is gone
local leases = redis.call('HGETALL', leases_key)
local ids, wants, others_held = {}, {}, 0
for i = 1, #leases, 2 do
  local id = leases[i]
  local its_want, its_held, until_ms = string.match(leases[i + 1], '^(%d+) (%d+) (%d+)$')
  if tonumber(until_ms) <= now then
    redis.call('HDEL', leases_key, id)
  elseif id ~= worker then
    others_held = others_held + tonumber(its_held)
    if tonumber(its_want) > 0 then ids[#ids + 1] = id wants[id] = tonumber(its_want) end
  end
end
if want > 0 then ids[#ids + 1] = worker wants[worker] = want end
table.sort(ids)

-- share the window out one slot at a time; who comes first rotates, so that one slot serves all in turn
local shares, left, hungry = {}, math.floor(size), #ids > 0
local offset = #ids > 0 and math.floor(now / rotate_ms) % #ids or 0
while left > 0 and hungry do
  hungry = false
  for i = 1, #ids do
    local id = ids[(i - 1 + offset) % #ids + 1]
    if left > 0 and (shares[id] or 0) < wants[id] then
      shares[id] = (shares[id] or 0) + 1
      left = left - 1
      hungry = true
    end
  end
end
local slots = math.min(shares[worker] or 0, math.max(0, math.floor(size) - others_held))
if want > 0 or in_flight > 0 then
  redis.call('HSET', leases_key, worker, string.format('%d %d %d', want, math.max(slots, in_flight), now + lease_ms))
else
  redis.call('HDEL', leases_key, worker)
end

-- the two buckets (limiter/rates.py says why)
local function bucket(name, limit, give_back, head, need)
  if limit <= 0 then return 0 end
  local capacity = math.max(1, math.floor(limit / 20))
  local per_ms = (limit - capacity + 1) / 60000
  local level = tonumber(s[name .. '_level'] or capacity)
  level = math.min(capacity, level + math.max(0, now - tonumber(s[name .. '_at'] or now)) * per_ms + give_back)
  local granted = 0
  if need > 0 and level >= math.min(head, capacity) - 1e-9 then
    granted = math.max(head, math.min(need, math.floor(level / math.max(1, #ids))))
  end
  redis.call('HSET', state_key, name .. '_level', tostring(level - granted), name .. '_at', now)
  return granted
end
local requests = bucket('requests', requests_limit, unused_requests, 1, need_requests)
local tokens = bucket('tokens', tokens_limit, unused_tokens, head_tokens, need_tokens)

redis.call('HSET', state_key, 'size', tostring(size), 'epoch', epoch, 'clean', clean, 'slow', slow, 'blocked', blocked)
redis.call('PEXPIRE', state_key, 3600000)
redis.call('PEXPIRE', leases_key, 3600000)
return {slots, epoch, math.max(0, blocked - now), tostring(size), requests, tokens, #ids}
"""
