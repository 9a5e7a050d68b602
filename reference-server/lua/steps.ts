/** The steps after a claim, and the bare ones that wrong editions are made of. */

import { COMMON, OWNED } from './common.ts';

export const DEBIT = `${COMMON}
local KEY, OWNER, RID, LEASE, ENTRY, POINTS, KEEPS, CRID, WINDOW = unpack(ARGV)
${OWNED}
if record.after ~= '' then return { 'debited', tonumber(record.after), tonumber(record.debitedAt) } end
if not move(RID, ENTRY, tonumber(POINTS)) then
  forgetClaim(KEY, RID, CRID, WINDOW, KEEPS)
  return { 'insufficient-points', balance }
end
record.after = int(balance)
record.debitedAt = int(now)
record.lease = real + tonumber(LEASE)
record.span = tonumber(LEASE)
writeState(KEY, record)
redis.call('HDEL', RECS, 'p' .. KEY)
touch()
return { 'debited', balance, now }
`;

export const ISSUE = `${COMMON}
if not balance then return 0 end
local isFirst = redis.call('HSETNX', REWARDS, ARGV[1], int(now) .. '|' .. ARGV[2])
if account[4] then redis.call('PEXPIRE', REWARDS, account[4]) end
return isFirst
`;

export const COMPLETE = `${COMMON}
local KEY, OWNER, RID, STATUS, BODY = unpack(ARGV)
${OWNED}
if not record.done then
  record.done = true
  redis.call('HSET', RECS, 'c' .. KEY, stateText(record), 'a' .. KEY, STATUS .. '|' .. BODY)
  markCompleted(RID, STATUS)
end
return { 'completed' }
`;

export const RELEASE = `${COMMON}
local KEY, OWNER, RID = unpack(ARGV)
${OWNED}
record.lease = 0
writeState(KEY, record)
return { 'released' }
`;

export const MOVE = `${COMMON}
local RID, ENTRY, POINTS = unpack(ARGV)
if not balance then return { 'lost' } end
if not move(RID, ENTRY, tonumber(POINTS)) then return { 'insufficient-points', balance } end
touch()
return { 'debited', balance, now }
`;

export const ENTER = `${COMMON}
local RID, ENTRY, AFTER = unpack(ARGV)
enter(RID, ENTRY, tonumber(AFTER))
touch()
return { 'debited', tonumber(AFTER), now }
`;

export const SET_BALANCE = `${COMMON}
if balance then redis.call('HSET', ACCT, 'balance', ARGV[1]) end
return 1
`;

export const RECORD = `${COMMON}
local r = readRecord(ARGV[1])
if not r then return false end
return { r.rid, r.done and 1 or 0 }
`;

export const FORGET = `${COMMON}
local r = readRecord(ARGV[1])
if r then forgetClaim(ARGV[1], r.rid, ARGV[2], ARGV[3], '0') end
return 1
`;

export const RENEW = `${COMMON}
local r = readRecord(ARGV[1])
if r then
  redis.call('HSET', RECS, 'i' .. ARGV[1], table.concat({ r.rid, int(now), r.fp }, '|'))
  redis.call('ZINCRBY', EXP, int(now - r.at), 'k' .. ARGV[1])
end
return 1
`;
