/** Judging and writing a claim. */

import { COMMON } from './common.ts';

/** The arguments of a claim, in this order. Flags are '1' or '0'; an absent text is ''. */
const ARGUMENTS = `
local KEY, FP, OWNER, LEASE, RID, ENTRY, POINTS, KNOWN, DEBITS, KEEPS, CRID, WINDOW, TTL, TOMBSTONE, DETECTS, WINDOW_MS = unpack(ARGV)
LEASE = tonumber(LEASE)
POINTS = tonumber(POINTS)
TTL = tonumber(TTL)
TOMBSTONE = tonumber(TOMBSTONE)
WINDOW_MS = tonumber(WINDOW_MS)
if not balance then return { 'unknown-customer' } end
`;

/** judge() returns an answer, or nil for a first use, or nil and the record of a claim to be resumed. */
const JUDGE = `
local function judgeRecord(r)
  if r.fp ~= FP then return { 'other-payload' } end
  if now - r.at >= TTL and TTL < TOMBSTONE and r.owner ~= OWNER then return { 'expired' } end
  if r.done then
    local status, body = string.match(redis.call('HGET', RECS, 'a' .. KEY), '^(%d+)|(.*)$')
    return { 'done', tonumber(status), body }
  end
  if r.lease > real and r.owner ~= OWNER then return { 'in-flight', r.lease - real } end
  return nil, r
end

local function judgeDuplicate(rid, key)
  local r = readRecord(key)
  if not r or r.rid ~= rid or r.done then return { 'duplicate', rid } end
  if r.lease > real then return { 'duplicate-open', rid, r.lease - real, '' } end
  return { 'duplicate-open', rid, 0, redis.call('HGET', RECS, 'p' .. key) or '' }
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
  return now - r.at >= TOMBSTONE and r.owner ~= OWNER and (r.done or r.lease <= real)
end

local function judge()
  local r = readRecord(KEY)
  if r and not isNewAgain(r) then return judgeRecord(r) end
  if KNOWN ~= '1' then return { 'unknown-reward' } end
  local rid, key = originalOf()
  if rid then return judgeDuplicate(rid, key) end
  if DEBITS == '1' and KEEPS ~= '1' and balance < POINTS then return { 'insufficient-points', balance } end
  return nil
end
`;

const WRITE = `
local function remember(field)
  redis.call('HSET', IDX, field, table.concat({ RID, int(now), KEY }, '|'))
end

local function writeClaim()
  forgetRecord(KEY)
  local r = { rid = RID, at = now, fp = FP, owner = OWNER, lease = real + LEASE, after = '', debitedAt = '' }
  redis.call('HSET', RECS, 'i' .. KEY, table.concat({ RID, int(now), FP }, '|'), 'p' .. KEY, ENTRY)
  writeState(KEY, r)
  redis.call('ZADD', EXP, int(now + TOMBSTONE), 'k' .. KEY)
  if DETECTS == '1' then
    if CRID ~= '' then remember('c' .. CRID) end
    if WINDOW_MS > 0 then
      remember('w' .. WINDOW)
      redis.call('ZADD', EXP, int(now + WINDOW_MS), 'w' .. WINDOW)
    end
  end
  if not account[4] then
    -- The newest key's tombstone is the last to end, and all earlier ones may go with it.
    local keepMs = int(math.max(TOMBSTONE, WINDOW_MS) + LEASE)
    redis.call('PEXPIRE', RECS, keepMs)
    redis.call('PEXPIRE', EXP, keepMs)
  end
  return r
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
      if not r or r.done or r.lease <= real then forgetRecord(name) end
    end
  end
end
`;

/** The atomic claim, with the debit in the same step where that is asked for. */
export const CLAIM = `${COMMON}${ARGUMENTS}${JUDGE}${WRITE}
prune()
local answer, record = judge()
if answer then
  touch()
  return answer
end
local resumed = record and 1 or 0
if record then
  record.owner = OWNER
  record.lease = real + LEASE
  writeState(KEY, record)
else
  record = writeClaim()
end
if DEBITS == '1' and record.after == '' then
  if not move(record.rid, ENTRY, POINTS) then
    forgetClaim(KEY, record.rid, CRID, WINDOW, KEEPS)
    touch()
    return { 'insufficient-points', balance }
  end
  record.after = int(balance)
  record.debitedAt = int(now)
  writeState(KEY, record)
end
touch()
local rewarded = resumed == 1 and redis.call('HEXISTS', REWARDS, record.rid) or 0
return { 'claimed', record.rid, resumed, record.after, record.debitedAt, rewarded }
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
writeClaim()
touch()
return { 'claimed', RID, 0, '', '', 0 }
`;

/** Records an answer whatever is there. For wrong editions. The answer follows the claim's arguments. */
export const WRITE_ANSWER = `${COMMON}${ARGUMENTS}${WRITE}
local r = readRecord(KEY) or writeClaim()
redis.call('HSET', RECS, 'i' .. KEY, table.concat({ RID, int(r.at), r.fp }, '|'), 'a' .. KEY, ARGV[17] .. '|' .. ARGV[18])
r.done = true
writeState(KEY, r)
markCompleted(RID, ARGV[17])
touch()
return { 'completed' }
`;
