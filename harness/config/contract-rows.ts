/** The rows of a contract in a config: each one checked, then laid over a profile. */

import {
  contractFrom,
  PROFILE_NAMES,
  type Contract,
  type ProfileName,
  type Refusal,
  type TryAgain,
  type Unspecified,
} from '../model/contract.ts';
import {
  booleanOf,
  integerOf,
  isGiven,
  isPlainObject,
  matchOf,
  objectOf,
  oneOf,
  orList,
  textOf,
  wrong,
  type Member,
} from './member.ts';

/** A header's name (RFC 9110, section 5.1: a token). */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Headers with a meaning of their own on the way, or set by the sender: none of them can carry a key. */
const NO_KEY_HEADERS = [
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'onceproof-attempt',
  'onceproof-by',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
];
/** A year is more than any published key lives. */
const MAX_MS = 366 * 86_400_000;

type Rows = { readonly [K in Exclude<keyof Contract, 'profile'>]: (member: Member) => Contract[K] };

const ROWS: Rows = {
  keyHeader: keyHeaderRow,
  keyMaxLength: (member) => integerOf(member, 1, 8192, 'characters'),
  quotedKeysEqual: booleanOrOpen,
  keyScope: (member) => oneOf(member, ['customer', 'path', 'global', 'unspecified']),
  missingKey: refusalOr('accept', 'unspecified'),
  malformedKey: refusalOr('unspecified'),
  inFlight: refusalOr('wait', 'unspecified'),
  waitsFirst: booleanOf,
  fingerprint: (member) => oneOf(member, ['members', 'bytes', 'none', 'unspecified']),
  otherPayload: refusalOr('unspecified'),
  expiredKey: refusalOr('new', 'unspecified'),
  ttlMs: (member) => (member.value === 'unspecified' ? 'unspecified' : integerOf(member, 1, MAX_MS, 'ms')),
  tombstoneMs: (member) => integerOf(member, 0, MAX_MS, 'ms'),
  tombstoneFrom: (member) => oneOf(member, ['acceptance', 'expiry']),
  leaseMs: (member) => (member.value === 'unspecified' ? 'unspecified' : integerOf(member, 1, MAX_MS, 'ms')),
  replayMarker: (member) => matchOf(member, HEADER_NAME, "the name of a header, 'none' or 'unspecified'"),
  replayEquality: (member) => oneOf(member, ['bytes', 'redemption', 'unspecified']),
  replayState: (member) => oneOf(member, ['first', 'latest', 'unspecified']),
  duplicateIntent: refusalOr('replay', 'uncovered', 'unspecified'),
  duplicateWindowMs: (member) => integerOf(member, 0, MAX_MS, 'ms'),
  insufficientPoints: refusalOr('unspecified'),
  storesInsufficientPoints: booleanOrOpen,
  storesRefusals: booleanOrOpen,
  storesServerErrors: booleanOrOpen,
  storeDown: refusalOr('unspecified'),
  tryAgain: tryAgainOf,
  unknownCustomer: refusalOr('unspecified'),
  unknownReward: refusalOr('unspecified'),
  badBody: refusalOr('unspecified'),
  badToken: refusalOr('unspecified'),
  otherCustomersData: refusalOr('unspecified'),
  unsupportedMediaType: refusalOr('unspecified'),
  clockScope: (member) => oneOf(member, ['customer', 'common']),
};
const ROW_NAMES = Object.keys(ROWS) as (keyof Rows)[];

/**
 * The contract that a config means. `keyHeader` is redeem.keyHeader, where it is given; `readsCodes` says whether
 * an error's code can be read at all: where it cannot, no row promises one. Throws a usage error.
 */
export function contractOf(member: Member, keyHeader: Member, readsCodes: boolean): Contract {
  const { profile, overrides } = isPlainObject(member.value)
    ? rowsOf(member)
    : { profile: profileOf(member), overrides: {} };
  // Only the seed's text names codes.
  const base = profile === 'seed' ? contractFrom(profile) : publicly(profile);
  const contract = { ...base, ...overrides, ...keyHeaderOf(member, overrides, keyHeader) };
  checkTimes(member, contract);
  return readsCodes ? contract : withoutCodes(contract);
}

function rowsOf(member: Member): { profile: ProfileName; overrides: Partial<Contract> } {
  const members = objectOf(member, ['profile', ...ROW_NAMES]);
  const given = ROW_NAMES.filter((name) => isGiven(members[name]));
  const overrides = Object.fromEntries(given.map((name) => [name, ROWS[name](members[name])]));
  return { profile: profileOf(members.profile), overrides };
}

function profileOf(member: Member): ProfileName {
  return isGiven(member) ? oneOf(member, PROFILE_NAMES) : 'seed';
}

function keyHeaderOf(member: Member, overrides: Partial<Contract>, keyHeader: Member): Partial<Contract> {
  if (!isGiven(keyHeader)) return {};
  const name = ROWS.keyHeader(keyHeader);
  if (overrides.keyHeader !== undefined && overrides.keyHeader.toLowerCase() !== name.toLowerCase()) {
    throw wrong(
      { ...member, path: `${member.path}.keyHeader`, value: overrides.keyHeader },
      `${name}, as redeem.keyHeader says`,
    );
  }
  return { keyHeader: name };
}

function keyHeaderRow(member: Member): string {
  const name = matchOf(member, HEADER_NAME, 'the name of a header');
  if (!NO_KEY_HEADERS.includes(name.toLowerCase())) return name;
  throw wrong(member, 'a header that can carry a key');
}

function checkTimes(member: Member, contract: Contract): void {
  const { ttlMs, tombstoneMs, tombstoneFrom, expiredKey } = contract;
  if (ttlMs === 'unspecified' || expiredKey === 'new' || expiredKey === 'unspecified') return;
  if (tombstoneFrom === 'expiry' || tombstoneMs >= ttlMs) return;
  const path = `${member.path || 'contract'}.tombstoneMs`;
  throw wrong(
    { ...member, path, value: tombstoneMs },
    `at least contract.ttlMs (${ttlMs}), or contract.tombstoneFrom 'expiry', or contract.expiredKey 'new'`,
  );
}

function refusalOr<W extends 'accept' | 'wait' | 'new' | 'replay' | 'uncovered' | Unspecified>(
  ...words: readonly W[]
): (member: Member) => Refusal | W {
  const expected = `a status from 400 to 599, {status, code?}, ${orList(words.map((word) => `'${word}'`))}`;
  return (member) => {
    const word = words.find((known) => known === member.value);
    if (word !== undefined) return word;
    if (typeof member.value === 'number') return { status: statusOf(member, expected) };
    if (!isPlainObject(member.value)) throw wrong(member, expected);
    const { status, code } = objectOf(member, ['status', 'code']);
    const refusal = { status: statusOf(status, 'a status from 400 to 599') };
    return isGiven(code) ? { ...refusal, code: textOf(code) } : refusal;
  };
}

function booleanOrOpen(member: Member): boolean | Unspecified {
  const { value } = member;
  if (typeof value === 'boolean' || value === 'unspecified') return value;
  throw wrong(member, "true, false or 'unspecified'");
}

/** Most try-again answers that a contract can allow one key: more is no promise. */
const MAX_TRIES = 100;

function tryAgainOf(member: Member): TryAgain | 'never' | Unspecified {
  if (member.value === 'never' || member.value === 'unspecified') return member.value;
  if (!isPlainObject(member.value))
    throw wrong(member, "{statuses, max, withinMs}, 'never' or 'unspecified'");
  const { statuses, max, withinMs } = objectOf(member, ['statuses', 'max', 'withinMs']);
  return {
    statuses: tryAgainStatuses(statuses),
    max: integerOf(max, 1, MAX_TRIES, 'answers'),
    withinMs: integerOf(withinMs, 1, MAX_MS, 'ms'),
  };
}

function tryAgainStatuses(member: Member): readonly number[] {
  const expected = 'a list of 429 and statuses from 500 to 599';
  const statuses: unknown = member.value;
  if (!Array.isArray(statuses) || statuses.length === 0) throw wrong(member, expected);
  return statuses.map((status: unknown) => {
    const isOne = typeof status === 'number' && Number.isInteger(status);
    if (isOne && (status === 429 || (status >= 500 && status <= 599))) return status;
    throw wrong(member, expected);
  });
}

function statusOf(member: Member, expected: string): number {
  const { value } = member;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 400 || value > 599)
    throw wrong(member, expected);
  return value;
}

/** Where no code can be read, a promised code could only ever be missed. */
/** As the public texts have it: the codes are the bundled server's own, and of quotes Stripe's pages say nothing. */
function publicly(profile: Exclude<ProfileName, 'seed'>): Contract {
  const contract = withoutCodes(contractFrom(profile));
  return profile === 'stripe' ? { ...contract, quotedKeysEqual: 'unspecified' } : contract;
}

function withoutCodes(contract: Contract): Contract {
  const rows = Object.entries(contract).map(([name, row]: [string, unknown]) =>
    isPlainObject(row) && 'status' in row ? [name, { status: row['status'] }] : [name, row],
  );
  return Object.fromEntries(rows) as Contract;
}
