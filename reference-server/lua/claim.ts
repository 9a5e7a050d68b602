/** Judging and writing a claim. */

import { COMMON } from './common.ts';

/** The arguments of a claim, in this order. Flags are '1' or '0'; an absent text is ''. */
const ARGUMENTS = `
local KEY, FP, OWNER, LEASE, RID, ENTRY, POINTS, KNOWN, DEBITS, KEEPS, CRID, WINDOW, TTL, TOMBSTONE, DETECTS, WINDOW_MS, KEEPS_DUPLICATES, KEEPS_UNKNOWN = unpack(ARGV)
LEASE = tonumber(LEASE)
POINTS = tonumber(POINTS)
TTL = tonumber(TTL)
TOMBSTONE = tonumber(TOMBSTONE)
WINDOW_MS = tonumber(WINDOW_MS)
if not balance then return { 'unknown-customer' } end
`;

/** What a record was asked for: beside it until the debit, then with the redemption. */
const ENTRY_OF = `
local function entryOf(key, r)
  local red = r.after ~= '' and redis.call('HGET', REDS, r.rid)
  return red and string.match(red, '^[^|]*|[^|]*|[^|]*|(.*)$') or redis.call('HGET', RECS, 'p' .. key) or ''
end
`;

/** judge() returns an answer, or nil for a first use, or nil and the record of a claim to be resumed. */
const JUDGE = `${ENTRY_OF}
local function judgeRecord(r)
  if r.fp ~= FP then return { 'other-payload' } end
  if now - r.at >= TTL and TTL < TOMBSTONE and r.owner ~= OWNER then return { 'expired' } end
  if r.done then
    local status, body = string.match(redis.call('HGET', RECS, 'a' .. KEY), '^(%d+)|(.*)$')
    return { 'done', tonumber(status), body }
  end
  if leaseLeft(r) > 0 and r.owner ~= OWNER then return { 'in-flight', leaseLeft(r) } end
  return nil, r
end

local function judgeDuplicate(rid, key)
  local r = readRecord(key)
  if not r or r.rid ~= rid or r.done then return { 'duplicate', rid } end
  if leaseLeft(r) > 0 then return { 'duplicate-open', rid, leaseLeft(r), '' } end
  return { 'duplicate-open', rid, 0, entryOf(key, r), r.fp }
end

local function originalOf()
  if DETECTS ~= '1' then return nil end
  local known = redis.call('HGET', IDX, CRID ~= '' and 'c' .. CRID or 'w' .. WINDOW)
  if not known then return nil end
  local rid, at, key = string.match(known, '^([^|]*)|([^|]*)|(.*)$')
  if CRID == '' and now - tonumber(at) >= WINDOW_MS then return nil end
  return rid, key
end

local function isNewAgain(r)
  return now - r.at >= TOMBSTONE and r.owner ~= OWNER and (r.done or leaseLeft(r) == 0)
end

local seen = false
local function judge()
  local r = readRecord(KEY)
  seen = r ~= nil
  if r and not isNewAgain(r) then return judgeRecord(r) end
  if KNOWN ~= '1' then return { 'unknown-reward' } end
  local rid, key = originalOf()
  if rid then return judgeDuplicate(rid, key) end
  if DEBITS == '1' and KEEPS ~= '1' and balance < POINTS then return { 'insufficient-points', balance } end
  return nil
end
`;

const WRITE = `
local function newRecord()
  return { rid = RID, at = now, fp = FP, owner = OWNER, lease = real + LEASE, span = LEASE, after = '', debitedAt = '' }
end

local function writeRecord(r)
  if r.replaces then redis.call('HDEL', RECS, 'a' .. KEY, 'p' .. KEY) end
  redis.call('HSET', RECS, 'i' .. KEY, table.concat({ r.rid, int(r.at), r.fp }, '|'), 'c' .. KEY, stateText(r))
  if r.after == '' then redis.call('HSET', RECS, 'p' .. KEY, ENTRY) end
end

-- What a later claim of the same redemption is known by, and when all this is to be forgotten.
local function writeIndexes(r)
  local forgetAt = int(now + TOMBSTONE)
  local known = table.concat({ r.rid, int(now), KEY }, '|')
  if DETECTS == '1' and WINDOW_MS > 0 then
    redis.call('ZADD', EXP, forgetAt, 'k' .. KEY, int(now + WINDOW_MS), 'w' .. WINDOW)
    if CRID == '' then redis.call('HSET', IDX, 'w' .. WINDOW, known)
    else redis.call('HSET', IDX, 'w' .. WINDOW, known, 'c' .. CRID, known) end
  else
    redis.call('ZADD', EXP, forgetAt, 'k' .. KEY)
    if DETECTS == '1' and CRID ~= '' then redis.call('HSET', IDX, 'c' .. CRID, known) end
  end
  if not account[4] then
    -- The newest key's tombstone is the last to end, and all earlier ones may go with it.
    local keepMs = int(math.max(TOMBSTONE, WINDOW_MS) + LEASE)
    redis.call('PEXPIRE', RECS, keepMs)
    redis.call('PEXPIRE', EXP, keepMs)
  end
end

local function writeClaim(r)
  writeRecord(r)
  writeIndexes(r)
  return r
end

-- The outcome of a first use that made nothing, in the place of a claim.
local function keep(outcome)
  local r = newRecord()
  r.rid = outcome[2] or RID
  r.done = true
  r.lease = 0
  r.replaces = true
  DETECTS = '0'
  writeClaim(r)
  redis.call('HDEL', RECS, 'p' .. KEY)
  redis.call('HSET', RECS, 'a' .. KEY, '0|' .. table.concat(outcome, ' '))
end

-- A few of those whose time is over, oldest first: enough to keep pace with one claim.
local function prune()
  for _, member in ipairs(redis.call('ZRANGE', EXP, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, 8)) do
    local name = string.sub(member, 2)
    if string.sub(member, 1, 1) == 'w' then
      redis.call('HDEL', IDX, member)
      redis.call('ZREM', EXP, member)
    else
      local r = readRecord(name)
      if not r or r.done or leaseLeft(r) == 0 then forgetRecord(name) end
    end
  end
end
`;

/** The atomic claim, with the debit in the same step where that is asked for. */
export const CLAIM = `${COMMON}${ARGUMENTS}${JUDGE}${WRITE}
prune()
local answer, record = judge()
if answer then
  if (answer[1] == 'duplicate' and KEEPS_DUPLICATES == '1') or (answer[1] == 'unknown-reward' and KEEPS_UNKNOWN == '1') then keep(answer) end
  touch()
  return answer
end
local resumed = record and 1 or 0
record = record or newRecord()
record.replaces = resumed == 0 and seen
record.owner = OWNER
record.lease = real + LEASE
record.span = LEASE
local isPaid = true
-- Who takes over goes on with what was asked for first, whatever came now.
local entry = resumed == 1 and entryOf(KEY, record) or ''
if entry == '' then entry = ENTRY else POINTS = cjson.decode(entry).payload.points end
if DEBITS == '1' and record.after == '' then
  isPaid = move(record.rid, entry, POINTS)
  if isPaid then
    record.after = int(balance)
    record.debitedAt = int(now)
  end
end
if resumed == 1 then writeState(KEY, record) else writeClaim(record) end
if not isPaid then forgetClaim(KEY, record.rid, CRID, WINDOW, KEEPS) end
touch()
if not isPaid then return { 'insufficient-points', balance } end
local rewarded = resumed == 1 and redis.call('HEXISTS', REWARDS, record.rid) or 0
return { 'claimed', record.rid, resumed, record.after, record.debitedAt, rewarded, resumed == 1 and FP == '' and entry or '' }
`;

/** Judges only. For wrong editions. */
export const PEEK = `${COMMON}${ARGUMENTS}${JUDGE}
local answer, record = judge()
if answer then return answer end
if record then return { 'in-flight', 0 } end
return { 'free' }
`;

/** Writes only. For wrong editions. */
export const INSERT = `${COMMON}${ARGUMENTS}${WRITE}
local r = newRecord()
r.replaces = true
writeClaim(r)
touch()
return { 'claimed', RID, 0, '', '', 0 }
`;

/** Records an answer whatever is there. For wrong editions. The answer follows the claim's arguments. */
export const WRITE_ANSWER = `${COMMON}${ARGUMENTS}${WRITE}
local r = readRecord(KEY) or writeClaim(newRecord())
redis.call('HSET', RECS, 'i' .. KEY, table.concat({ RID, int(r.at), r.fp }, '|'), 'a' .. KEY, ARGV[19] .. '|' .. ARGV[20])
r.done = true
writeState(KEY, r)
markCompleted(RID, ARGV[19])
touch()
return { 'completed' }
`;
