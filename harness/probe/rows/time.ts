/** How long a key lives: to the ms where time can be moved, by waiting where it is short. */

import type { Row } from '../look.ts';
import { tombstoneEndMs, type Contract } from '../../model/contract.ts';
import type { Bench } from '../bench.ts';
import { edgeOf, edgeText, pastWait, type Edge } from '../edges.ts';
import { is, promise, promisedRefusal, promiseTime, Unseen, type Did, type Seen } from '../row.ts';
import { refusal } from './keys.ts';

/** Lives of keys, as they are mostly chosen. ms */
const LIVES = [60_000, 300_000, 600_000, 1_800_000, 3_600_000, 43_200_000, 86_400_000, 172_800_000].concat([
  259_200_000, 604_800_000, 2_592_000_000, 2_678_400_000,
]);

/** One redemption, and its key again at each of the ages; the answer at the last one. */
async function agedKey(bench: Bench, ages: readonly number[]): Promise<Seen> {
  const account = await bench.account();
  const wait = await pastWait(bench, account.id);
  // Without a name a key that is new again is no duplicate of its own first life.
  const payload = account.payload({ isNameless: bench.options.clock !== undefined });
  const asked = { key: bench.key(), payload };
  const first = await account
    .first(asked)
    .catch(async () => await account.first({ ...asked, payload: account.payload() }));
  let seen = first.seen;
  for (const age of ages) {
    await wait.until(age, first.sent.answeredAt);
    seen = await account.told(await account.redeem(asked), first);
  }
  await wait.done();
  return { ...seen, shown: [first.sent, ...seen.shown.slice(-1)] };
}

/** When the key stops replaying. */
async function lifeOf(bench: Bench): Promise<Edge> {
  return await bench.once('life', async () => {
    const { ttlMs } = bench.options.contract;
    const promisedMs = ttlMs === 'unspecified' ? undefined : ttlMs;
    return await edgeOf(bench, {
      looked: (ageMs) => agedKey(bench, [ageMs]),
      isOver: ({ did }) => did.did !== 'replayed',
      promisedMs,
      ladder: LIVES,
    });
  });
}

const life: Row = {
  name: 'key-life',
  group: 'time',
  sends: 'a key again, older and older: how long it replays',
  look: async (bench) => {
    const edge = await lifeOf(bench);
    return { ...edge.seen, did: is(edge.atMs), text: edgeText(edge, "the key's life") };
  },
  promised: ({ ttlMs }) => (ttlMs === 'unspecified' ? undefined : promiseTime(ttlMs)),
  writes: (did) => (did.did === 'is' && typeof did.value === 'number' ? { ttlMs: did.value } : {}),
  opens: ['ttlMs'],
};

const expired: Row = {
  name: 'expired-key',
  group: 'time',
  sends: 'a key at the end of its life',
  look: async (bench) => {
    const { atMs, seen } = await lifeOf(bench);
    if (typeof atMs !== 'number') throw new Unseen(`its life ends at ${atMs}`);
    return isNew(bench, seen) ? { ...seen, did: is('new'), text: `new: ${seen.text}` } : seen;
  },
  promised: ({ expiredKey, ttlMs }) =>
    ttlMs === 'unspecified' ? undefined : promisedRefusal(expiredKey, { new: is('new') }),
  writes: (did) => (did.did === 'is' ? { expiredKey: 'new', tombstoneMs: 0 } : refusal('expiredKey', did)),
  opens: ['expiredKey'],
};

/** Redeemed once more, or refused as a duplicate of its own first life: either way it is taken for a new key. */
function isNew({ options: { contract } }: Bench, { did }: Seen): boolean {
  if (did.did === 'executed') return true;
  const { duplicateIntent, expiredKey } = contract;
  if (did.did !== 'refused' || typeof duplicateIntent !== 'object' || did.code === undefined) return false;
  return (
    did.code === duplicateIntent.code && (typeof expiredKey !== 'object' || did.code !== expiredKey.code)
  );
}

const renewed: Row = {
  name: 'renewed-key',
  group: 'time',
  sends: 'a key that was replayed a moment before its end, at its end',
  look: async (bench) => {
    const { atMs } = await lifeOf(bench);
    if (typeof atMs !== 'number') throw new Unseen(`its life ends at ${atMs}`);
    const isExact = bench.options.clock !== undefined;
    const seen = await agedKey(bench, isExact ? [atMs - 1, atMs] : [atMs * 0.75, atMs * 1.5]);
    const isLonger = seen.did.did === 'replayed';
    const text = isLonger
      ? `the replay made it live longer: ${seen.text}`
      : `as without the replay: ${seen.text}`;
    return { ...seen, did: is(isLonger ? 'renewed' : 'not renewed'), text };
  },
  promised: ({ ttlMs }) => (ttlMs === 'unspecified' ? undefined : promise(is('not renewed'))),
};

const tombstone: Row = {
  name: 'tombstone',
  group: 'time',
  sends: 'an expired key, older and older: when it is new again',
  look: async (bench) => {
    const { contract } = bench.options;
    const known = await lifeOf(bench);
    if (typeof known.atMs !== 'number') throw new Unseen(`its life ends at ${known.atMs}`);
    const lifeMs = known.atMs;
    if (isNew(bench, known.seen)) return { ...known.seen, did: is('none'), text: `none: ${known.seen.text}` };
    const endMs = tombstoneEndMs(contract);
    const edge = await edgeOf(bench, {
      looked: (ageMs) => agedKey(bench, [ageMs]),
      isOver: (seen) => isNew(bench, seen),
      promisedMs: endMs > lifeMs ? endMs : undefined,
      ladder: LIVES.filter((age) => age > lifeMs),
    });
    return { ...edge.seen, did: is(edge.atMs), text: edgeText(edge, 'the tombstone') };
  },
  promised: (contract) => promisedTombstone(contract),
  writes: (did) => writesTombstone(did),
};

function promisedTombstone(contract: Contract) {
  if (contract.ttlMs === 'unspecified' || contract.expiredKey === 'unspecified') return undefined;
  return contract.expiredKey === 'new' ? promise(is('none')) : promiseTime(tombstoneEndMs(contract));
}

function writesTombstone(did: Did): Partial<Contract> {
  if (did.did !== 'is' || typeof did.value !== 'number') return {};
  return { tombstoneMs: did.value, tombstoneFrom: 'acceptance' };
}

export const TIME_ROWS: readonly Row[] = [life, expired, renewed, tombstone];
