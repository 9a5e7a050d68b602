/** What counts as a key: missing, blank, malformed, long, quoted, in another letter case, different in its last character. */

import type { Row } from '../look.ts';
import type { Contract } from '../../model/contract.ts';
import type { Key } from '../account.ts';
import type { Bench } from '../bench.ts';
import {
  didText,
  EXECUTED,
  is,
  promise,
  promisedRefusal,
  refusalRow,
  Unseen,
  type Did,
  type Promised,
  type Seen,
} from '../row.ts';
import type { Sent } from '../sender.ts';

/** Longer keys are not tried: headers of 8 KiB and more are refused by most servers for their own sake. */
const LONGEST = 4096;

const missing: Row = {
  name: 'missing-key',
  group: 'keys',
  sends: 'a redemption without a key',
  look: async (bench) => {
    const account = await bench.account();
    return await account.told(await account.redeem({ key: undefined, payload: account.payload() }));
  },
  promised: ({ missingKey }) => promisedRefusal(missingKey, { accept: EXECUTED }),
  writes: (did) => (did.did === 'executed' ? { missingKey: 'accept' } : refusal('missingKey', did)),
  opens: ['missingKey'],
};

function malformed(name: string, sends: string, keyOf: (bench: Bench) => Key): Row {
  return {
    name,
    group: 'keys',
    sends,
    look: async (bench) => {
      const account = await bench.account();
      return await account.told(await account.redeem({ key: keyOf(bench), payload: account.payload() }));
    },
    promised: ({ quotedKeysEqual, malformedKey }) => {
      if (name !== 'open-quote-key' || quotedKeysEqual === true) return promisedRefusal(malformedKey);
      // Where quotes mean nothing, they are letters of a key like others.
      return quotedKeysEqual === 'unspecified' ? undefined : promise(EXECUTED);
    },
    ...(name === 'blank-key' && {
      writes: (did) => refusal('malformedKey', did),
      opens: ['malformedKey'] as const,
    }),
  };
}

const long: Row = {
  name: 'long-key',
  group: 'keys',
  sends: 'keys of more and more characters: the longest that is taken',
  look: longest,
  promised: ({ keyMaxLength }) =>
    keyMaxLength >= LONGEST
      ? { text: `at least ${LONGEST}`, anyOf: [is(`at least ${LONGEST}`)] }
      : { text: `${keyMaxLength} characters`, anyOf: [is(keyMaxLength)] },
  writes: (did) => (did.did === 'is' && typeof did.value === 'number' ? { keyMaxLength: did.value } : {}),
};

async function longest(bench: Bench): Promise<Seen> {
  const account = await bench.account();
  const shown = new Map<number, Sent>();
  let trouble: string | undefined;
  const refusals = new Map<number, Did>();
  const isTaken = async (length: number): Promise<boolean> => {
    const key = keyOfLength(bench, length);
    const answered = await account.redeem({ key, payload: account.payload() });
    const seen = await account.told(answered);
    trouble ??= seen.trouble;
    shown.set(length, answered.sent);
    if (seen.did.did === 'executed') return true;
    refusals.set(length, seen.did);
    return false;
  };
  const { keyMaxLength } = bench.options.contract;
  let low = 36;
  let high = LONGEST;
  if (!(await isTaken(low))) throw new Unseen('a key of 36 characters is not taken');
  if (keyMaxLength < LONGEST && keyMaxLength >= low && (await isTaken(keyMaxLength))) low = keyMaxLength;
  else if (keyMaxLength < LONGEST && keyMaxLength > low) high = keyMaxLength;
  if (low === keyMaxLength && !(await isTaken(low + 1))) high = low + 1;
  if (high === LONGEST && (await isTaken(LONGEST))) low = LONGEST;
  while (low < LONGEST && high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isTaken(middle)) low = middle;
    else high = middle;
  }
  const value = low === LONGEST ? `at least ${LONGEST}` : low;
  const over = refusals.get(low + 1);
  return {
    did: is(value),
    text:
      over === undefined
        ? `a key of ${LONGEST} characters is taken`
        : `${low} characters are taken, ${low + 1} are answered with ${didText(over)}`,
    shown: [low, low + 1].map((length) => shown.get(length)).filter((sent) => sent !== undefined),
    ...(trouble !== undefined && { trouble }),
  };
}

const overLong: Row = {
  name: 'over-long-key',
  group: 'keys',
  sends: 'a key one character longer than the contract allows',
  look: async (bench) => {
    const account = await bench.account();
    const length = Math.min(bench.options.contract.keyMaxLength, LONGEST) + 1;
    const key = keyOfLength(bench, length);
    return await account.told(await account.redeem({ key, payload: account.payload() }));
  },
  promised: ({ malformedKey }) => promisedRefusal(malformedKey),
};

/** A second key beside one that is known: is it the same key? */
function sameKey(
  name: string,
  sends: string,
  keysOf: (bench: Bench) => readonly [string, string],
  rest: Pick<Row, 'promised' | 'writes' | 'opens'>,
): Row {
  return {
    name,
    group: 'keys',
    sends,
    look: async (bench) => {
      const account = await bench.account();
      const payload = account.payload();
      const [key, other] = keysOf(bench);
      const first = await account.first({ key, payload });
      const second = await account.redeem({ key: other, payload });
      return asOneKey(bench, await account.told(second, first));
    },
    ...rest,
  };
}

/** One key or two: a replay says one; a second redemption, or being refused as its duplicate, says two. */
export function asOneKey(bench: Bench, seen: Seen): Seen {
  const { did } = seen;
  const { duplicateIntent } = bench.options.contract;
  const isDuplicate =
    did.did === 'refused' &&
    typeof duplicateIntent === 'object' &&
    did.status === duplicateIntent.status &&
    (did.code === undefined || duplicateIntent.code === undefined || did.code === duplicateIntent.code);
  if (did.did === 'replayed') return { ...seen, did: is('one key'), text: `one key: ${seen.text}` };
  if (did.did === 'executed' || isDuplicate)
    return { ...seen, did: is('two keys'), text: `two keys: ${seen.text}` };
  return seen;
}

const TWO_KEYS = (): Promised => promise(is('two keys'));

/** Rows of what a key is. */
export const KEY_ROWS: readonly Row[] = [
  missing,
  malformed('empty-key', 'a key of no characters', () => ''),
  malformed('blank-key', 'a key of blanks', () => '   '),
  malformed('space-in-key', 'a key with a space in it', (bench) => `${bench.key()} x`),
  malformed('non-ascii-key', 'a key with a letter beyond ASCII', (bench) => `${bench.key()}\u00e9`),
  malformed('open-quote-key', 'a key with a quote that is not closed', (bench) => `"${bench.key()}`),
  malformed('doubled-key', 'two header lines with two keys', (bench) => [bench.key(), bench.key()]),
  malformed('doubled-same-key', 'two header lines with the same key', (bench) => {
    const key = bench.key();
    return [key, key];
  }),
  long,
  overLong,
  sameKey(
    'quoted-key',
    'a known key in quotes',
    (bench) => {
      const key = bench.key();
      return [key, `"${key}"`];
    },
    {
      promised: ({ quotedKeysEqual }) =>
        quotedKeysEqual === 'unspecified' ? undefined : promise(is(quotedKeysEqual ? 'one key' : 'two keys')),
      writes: (did) => (did.did === 'is' ? { quotedKeysEqual: did.value === 'one key' } : {}),
    },
  ),
  sameKey(
    'other-case-key',
    'a known key in other letter case',
    (bench) => {
      const key = `Case-${bench.key()}`;
      return [key, key.toUpperCase()];
    },
    { promised: TWO_KEYS },
  ),
  sameKey(
    'last-character-key',
    'a key of full length, another in its last character',
    (bench) => {
      const key = keyOfLength(bench, Math.min(bench.options.contract.keyMaxLength, LONGEST));
      return [key, `${key.slice(0, -1)}${key.endsWith('Z') ? 'Y' : 'Z'}`];
    },
    { promised: TWO_KEYS },
  ),
];

function keyOfLength(bench: Bench, length: number): string {
  return `${bench.key()}-`.padEnd(length, 'k').slice(0, length);
}

/** A refusal as a row of the contract; nothing where it was none. */
export function refusal(row: keyof Contract, did: Did): Partial<Contract> {
  const found = refusalRow(did);
  return found === undefined ? {} : { [row]: found };
}
