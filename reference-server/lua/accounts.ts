/** Reading a customer, and what test hooks do to one. */

import { COMMON } from './common.ts';

export const BALANCE = `${COMMON}
if not balance then return false end
touch()
return balance
`;

/** Position of the first item returned counted from the oldest, then the items oldest first. */
export const REDEMPTIONS = `${COMMON}
if not balance then return false end
touch()
local last = redis.call('LLEN', ORDER) - 1
local newest = ARGV[2] ~= '' and math.min(last, tonumber(ARGV[2])) or last
local oldest = math.max(0, newest - tonumber(ARGV[1]) + 1)
if newest < 0 then return { 0 } end
local ids = redis.call('LRANGE', ORDER, oldest, newest)
local fields = {}
for n, rid in ipairs(ids) do
  fields[2 * n - 1] = rid
  fields[2 * n] = 's' .. rid
end
local found = redis.call('HMGET', REDS, unpack(fields))
local page = { oldest }
-- One that the store itself has lost is not there: the others can still be listed.
for n = 1, #ids do
  if found[2 * n - 1] then page[#page + 1] = (found[2 * n] or 'O') .. '|' .. found[2 * n - 1] end
end
return page
`;

export const REDEMPTION_OF_KEY = `${COMMON}
if not balance then return false end
touch()
local r = readRecord(ARGV[1])
local red = r and redis.call('HMGET', REDS, r.rid, 's' .. r.rid)
if not red or not red[1] then return { 0 } end
return { 0, (red[2] or 'O') .. '|' .. red[1] }
`;

export const REDEMPTION = `${COMMON}
if not balance then return false end
local red = redis.call('HMGET', REDS, ARGV[1], 's' .. ARGV[1])
return red[1] and (red[2] or 'O') .. '|' .. red[1]
`;

export const FIRST_ASK = `${COMMON}
if not balance then return 0 end
local isFirst = redis.call('HSETNX', RECS, 't' .. ARGV[1], '1')
touch()
return isFirst
`;

/** ARGV: `jump` and by how many ms; or the kind of a change of the common clock, ms, frozen. Returns that clock afterwards. */
export const STORE_TIME = `${COMMON}
local KIND, MS, FROZEN = unpack(ARGV)
if KIND == 'jump' then
  jump = tonumber(MS)
else
  if KIND == 'set' then common = tonumber(MS) end
  if KIND == 'advance' then common = common + tonumber(MS) end
  commonKind = (KIND == 'advance' or FROZEN == '1') and 'f' or 'o'
  commonMs = int(commonKind == 'f' and common or common - real)
end
redis.call('SET', KEYS[2], (commonKind == 'o' and commonMs == '0') and int(jump) or table.concat({ int(jump), commonKind, commonMs }, '|'))
return { common, commonKind == 'f' and 1 or 0 }
`;

export const PROVISION = `${COMMON}
local POINTS, RESET, IDLE = unpack(ARGV)
if balance and RESET ~= '1' then
  touch()
  return balance
end
redis.call('DEL', ACCT, RECS, EXP, IDX, REDS, ORDER, LEDGER, REWARDS)
redis.call('HSET', ACCT, 'balance', POINTS, 'offset', '0')
if IDLE ~= '' then redis.call('HSET', ACCT, 'idle', IDLE) end
redis.call('RPUSH', LEDGER, table.concat({ 'C', int(real), POINTS }, '|'))
account[4] = IDLE ~= '' and IDLE
touch()
return tonumber(POINTS)
`;

export const CREDIT = `${COMMON}
if not balance then return false end
redis.call('HSET', ACCT, 'balance', int(balance + tonumber(ARGV[1])))
redis.call('RPUSH', LEDGER, table.concat({ 'C', int(now), ARGV[1] }, '|'))
touch()
return balance + tonumber(ARGV[1])
`;

/** ARGV: kind, ms, frozen. Returns the clock as it is afterwards. */
export const CLOCK = `${COMMON}
local KIND, MS, FROZEN = unpack(ARGV)
if not balance then return false end
touch()
local isFrozen = account[3] and 1 or 0
if KIND ~= 'get' then
  if KIND == 'set' then now = tonumber(MS) end
  if KIND == 'advance' then now = now + tonumber(MS) end
  isFrozen = (KIND == 'advance' or FROZEN == '1') and 1 or 0
  if isFrozen == 1 then
    redis.call('HSET', ACCT, 'frozen', int(now))
  else
    redis.call('HDEL', ACCT, 'frozen')
    redis.call('HSET', ACCT, 'offset', int(now - common))
  end
end
return { now, isFrozen }
`;

export const LEDGER = `${COMMON}
if not balance then return false end
touch()
return { redis.call('LRANGE', LEDGER, 0, -1), redis.call('HGETALL', REWARDS) }
`;
