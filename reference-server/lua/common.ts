/**
 * What every script begins with: names of the keys, the two clocks, and the functions that the steps are made of.
 *
 * A script is given the customer's base key, `prefix:{customer}:`, and all others are that and a name: they share
 * the hash tag, so they live on one node of a cluster, and each command is a third of the bytes.
 *   acct    hash   balance, offset | frozen (the test clock), idle (ms after which an unused customer is forgotten)
 *   recs    hash   i<key> = redemption|acceptedAt|fingerprint     c<key> = state|owner|leaseUntil|leaseMs|balanceAfter|debitedAt
 *                  p<key> = entry (until the debit)               a<key> = status|body, or 0|<an outcome that was kept>
 *                  t<key> = 1: it was asked once to try again
 *   exp     zset   k<key>, w<window name>: when they are to be forgotten, on the customer's clock
 *   idx     hash   c<client_redemption_id>, w<window name> = redemption|at|key
 *   reds    hash   <redemption id> = at|balanceAfter|redemption|entry     s<redemption id> = D when completed
 *   order   list   redemption ids, oldest first
 *   ledger  list   D|at|redemption|entry and C|at|points, append only
 *   rewards hash   redemption id = at|reward, one each
 * Beside the customer's there is one more, KEYS[2]: by how many ms the time of the store has been moved for a test, and
 * after that, where the clock that all have in common was moved, |o|<ms on top> or |f|<the time at which it stands>.
 * An entry is JSON {key, payload}. State: O open, D done. An account without a balance is no customer.
 */
export const COMMON = `
local BASE = KEYS[1]
local ACCT, RECS, EXP, IDX = BASE .. 'acct', BASE .. 'recs', BASE .. 'exp', BASE .. 'idx'
local REDS, ORDER, LEDGER, REWARDS = BASE .. 'reds', BASE .. 'order', BASE .. 'ledger', BASE .. 'rewards'
local function int(n) return string.format('%.0f', n) end
local time = redis.call('TIME')
local moved = redis.call('GET', KEYS[2]) or '0'
local jump, commonKind, commonMs = tonumber(moved), 'o', '0'
if not jump then
  jump, commonKind, commonMs = string.match(moved, '^(-?%d+)|(%a)|(-?%d+)$')
  jump = tonumber(jump)
end
local real = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + jump
local account = redis.call('HMGET', ACCT, 'balance', 'offset', 'frozen', 'idle')
local balance = tonumber(account[1] or '')
local common = tonumber(commonMs) + (commonKind == 'o' and real or 0)
local now = account[3] and tonumber(account[3]) or common + tonumber(account[2] or '0')

local function touch()
  if not account[4] then return end
  for _, key in ipairs({ ACCT, RECS, EXP, IDX, REDS, ORDER, LEDGER, REWARDS }) do redis.call('PEXPIRE', key, account[4]) end
end

local function readRecord(key)
  local found = redis.call('HMGET', RECS, 'i' .. key, 'c' .. key)
  if not found[1] then return nil end
  local rid, at, fp = string.match(found[1], '^([^|]*)|([^|]*)|(.*)$')
  local state, owner, lease, span, after, debitedAt = string.match(found[2], '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  return { rid = rid, at = tonumber(at), fp = fp, done = state == 'D', owner = owner,
    lease = tonumber(lease), span = tonumber(span), after = after, debitedAt = debitedAt }
end

local function stateText(r)
  return table.concat({ r.done and 'D' or 'O', r.owner, int(r.lease), int(r.span), r.after, r.debitedAt }, '|')
end

-- 0: it has lapsed, or was given before a jump back: more than its whole length cannot be left.
local function leaseLeft(r)
  local left = r.lease - real
  return left > 0 and left <= r.span and left or 0
end

local function writeState(key, r)
  redis.call('HSET', RECS, 'c' .. key, stateText(r))
end

local function enter(rid, entry, after)
  redis.call('HSET', REDS, rid, table.concat({ int(now), int(after), rid, entry }, '|'))
  redis.call('RPUSH', ORDER, rid)
  redis.call('RPUSH', LEDGER, table.concat({ 'D', int(now), rid, entry }, '|'))
end

local function move(rid, entry, points)
  if balance < points then return false end
  balance = balance - points
  redis.call('HSET', ACCT, 'balance', int(balance))
  enter(rid, entry, balance)
  return true
end

local function markCompleted(rid, status)
  if tonumber(status) < 300 then redis.call('HSET', REDS, 's' .. rid, 'D') end
end

local function forgetKnown(field, rid)
  local known = redis.call('HGET', IDX, field)
  if known and string.match(known, '^([^|]*)') == rid then redis.call('HDEL', IDX, field) end
end

local function forgetRecord(key)
  redis.call('HDEL', RECS, 'i' .. key, 'c' .. key, 'p' .. key, 'a' .. key)
  redis.call('ZREM', EXP, 'k' .. key)
end

local function forgetClaim(key, rid, crid, window, keeps)
  if crid ~= '' then forgetKnown('c' .. crid, rid) end
  forgetKnown('w' .. window, rid)
  if keeps ~= '1' then forgetRecord(key) end
end
`;

/** Lost: another owner holds the claim, or the lease has lapsed. Needs KEY, OWNER and RID. */
export const OWNED = `
local record = readRecord(KEY)
if not balance or not record or record.owner ~= OWNER or record.rid ~= RID or (not record.done and record.lease <= real) then
  return { 'lost' }
end
`;
