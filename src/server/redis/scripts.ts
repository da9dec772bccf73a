/**
 * Redis scripts. Each operation is one script, so that nothing comes between checking an epoch and writing.
 *
 * A session is a hash and, while there are unacknowledged messages, a stream. The ID of a stream entry is the message's
 * number, a dash, and the size in bytes of all messages up to it, so that a trim knows how much it frees without
 * reading the entries.
 */
import { createHash } from 'node:crypto'

/** Results of a script in place of a value. */
export const GONE = -1
export const FENCED = -2

export interface Script {
  readonly source: string
  readonly sha: string
}

/** KEYS: hash, stream. ARGV[1]: the epoch; empty for callers other than the owner. */
const owned = `
local held = redis.call('HMGET', KEYS[1], 'epoch', 'node', 'last', 'trimmed', 'bytes', 'freed')
if not held[1] then return ${GONE} end
if ARGV[1] ~= '' and ARGV[1] ~= held[1] then return ${FENCED} end
local last, trimmed = tonumber(held[3]), tonumber(held[4])
local bytes, freed = tonumber(held[5]), tonumber(held[6])
local function whole(n) return string.format('%.0f', n) end
`

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

/** KEYS: hash. ARGV: token hash, identity, node, lease. */
export const open = script(`
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'identity', ARGV[2], 'node', ARGV[3], 'epoch', 1,
  'received', 0, 'last', 0, 'trimmed', 0, 'bytes', 0, 'freed', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0
`)

/**
 * KEYS: hash, stream. ARGV: node, lease, prefix of the nodes' channels, id. Returns epoch, received, trimmed, last.
 *
 * Another node's epoch is further by a random number: after a failover that has lost a claim, the next one must differ
 * from it.
 */
export const claim = script(`
local before = redis.call('HGET', KEYS[1], 'node')
if not before then return ${GONE} end
local step = before == ARGV[1] and 1 or 2 + redis.call('TIME')[2]
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', step)
redis.call('HSET', KEYS[1], 'node', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if before ~= ARGV[1] then
  redis.call('PUBLISH', ARGV[3] .. before, 'fenced ' .. ARGV[4] .. ' ' .. epoch)
end
local held = redis.call('HMGET', KEYS[1], 'received', 'trimmed', 'last')
return { epoch, tonumber(held[1]), tonumber(held[2]), tonumber(held[3]) }
`)

/**
 * KEYS: hash, stream, memory of the writer. ARGV: epoch, prefix of the nodes' channels, id, number of this append, how
 * long to remember it, most messages, most bytes; then kind, size and data of each message. Returns the number of the
 * last message, and how many of these were stored.
 *
 * A writer that lost the answer repeats the request with the same number, and gets the same answer.
 */
export const append = script(`
local before = redis.call('GET', KEYS[3])
if before then
  local number, last, room = string.match(before, '(%d+) (%d+) (%d+)')
  if number == ARGV[4] then return { tonumber(last), tonumber(room) } end
end
${owned}
local fresh, room = last == trimmed, 0
for i = 8, #ARGV, 3 do
  local size = tonumber(ARGV[i + 1])
  if last - trimmed >= tonumber(ARGV[6]) or bytes + size - freed > tonumber(ARGV[7]) then break end
  last, bytes, room = last + 1, bytes + size, room + 1
  redis.call('XADD', KEYS[2], whole(last) .. '-' .. whole(bytes), ARGV[i], ARGV[i + 2])
end
if room > 0 then
  redis.call('HSET', KEYS[1], 'last', whole(last), 'bytes', whole(bytes))
  if fresh then redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1])) end
  redis.call('SET', KEYS[3], ARGV[4] .. ' ' .. whole(last) .. ' ' .. room, 'PX', ARGV[5])
  if ARGV[1] == '' then
    redis.call('PUBLISH', ARGV[2] .. held[2], 'appended ' .. ARGV[3] .. ' ' .. whole(last))
  end
end
return { last, room }
`)

/** KEYS: hash, stream. ARGV: epoch, number. Without the entry, which was evicted, it is not known what it frees. */
export const trim = script(`${owned}
local to = math.min(tonumber(ARGV[2]), last)
if to <= trimmed then return 0 end
if to == last then
  redis.call('DEL', KEYS[2])
  freed = bytes
else
  local entry = redis.call('XRANGE', KEYS[2], whole(to), whole(to))[1]
  if entry then freed = tonumber(string.match(entry[1], '%-(%d+)')) end
  redis.call('XTRIM', KEYS[2], 'MINID', whole(to + 1))
end
redis.call('HSET', KEYS[1], 'trimmed', whole(to), 'freed', whole(freed))
return 0
`)

/** KEYS: hash, stream. ARGV: epoch, number. */
export const commit = script(`${owned}
if tonumber(ARGV[2]) > tonumber(redis.call('HGET', KEYS[1], 'received')) then
  redis.call('HSET', KEYS[1], 'received', ARGV[2])
end
return 0
`)

/** KEYS: hash, stream. ARGV: epoch, lease. */
export const renew = script(`${owned}
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return last
`)

/** KEYS: hash, stream. ARGV: epoch, prefix of the nodes' channels, id. */
export const end = script(`${owned}
redis.call('DEL', KEYS[1], KEYS[2])
if ARGV[1] == '' then redis.call('PUBLISH', ARGV[2] .. held[2], 'ended ' .. ARGV[3]) end
return 0
`)
