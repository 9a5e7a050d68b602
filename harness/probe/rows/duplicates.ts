/** The same redemption under another key, and how far apart two have to be for that. */

import type { Row } from '../look.ts';
import type { Contract } from '../../model/contract.ts';
import { edgeOf, edgeText, pastWait, type Edge } from '../edges.ts';
import type { Account } from '../account.ts';
import type { Bench } from '../bench.ts';
import {
  EXECUTED,
  is,
  promise,
  promisedRefusal,
  promiseTime,
  REPLAYED,
  Nowhere,
  Unseen,
  type Did,
  type Promised,
  type Seen,
} from '../row.ts';
import { refusal } from './keys.ts';

/** Windows in which two alike redemptions are one, as they are mostly chosen. ms */
const WINDOWS = [1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000, 86_400_000];

function promisedDuplicate({ duplicateIntent }: Contract): Promised | undefined {
  return promisedRefusal(duplicateIntent, { replay: REPLAYED, uncovered: EXECUTED });
}

/** Without a name only the window covers it. */
function promisedNameless(contract: Contract): Promised | undefined {
  if (contract.duplicateIntent === 'unspecified') return undefined;
  return contract.duplicateWindowMs > 0 ? promisedDuplicate(contract) : promise(EXECUTED);
}

function writesDuplicate(did: Did): Partial<Contract> {
  if (did.did === 'executed') return { duplicateIntent: 'uncovered' };
  if (did.did === 'replayed') return { duplicateIntent: 'replay' };
  return refusal('duplicateIntent', did);
}

const named: Row = {
  name: 'same-name',
  group: 'duplicates',
  sends: "the client's own name of a redemption again, under another key",
  look: async (bench) => {
    if (!bench.options.target.sendsClientRedemptionId)
      throw new Nowhere('a redemption carries no name of the client: {client_redemption_id}');
    const account = await bench.account();
    const payload = account.payload();
    const first = await account.first({ key: bench.key(), payload });
    return await account.told(await account.redeem({ key: bench.key(), payload }), first);
  },
  promised: promisedDuplicate,
  writes: writesDuplicate,
  opens: ['duplicateIntent'],
};

const separate: Row = {
  name: 'two-names',
  group: 'duplicates',
  sends: 'two redemptions alike, with two names and two keys, one right after the other',
  look: async (bench) => {
    if (!bench.options.target.sendsClientRedemptionId)
      throw new Nowhere('a redemption carries no name of the client: {client_redemption_id}');
    const account = await bench.account();
    const first = await account.first({ key: bench.key(), payload: account.payload() });
    return await account.told(await account.redeem({ key: bench.key(), payload: account.payload() }), first);
  },
  promised: ({ duplicateIntent }) => (duplicateIntent === 'unspecified' ? undefined : promise(EXECUTED)),
};

/** A body without the member for the name, where the config has one. */
async function nameless(bench: Bench, account: Account) {
  const payload = account.payload({ isNameless: true });
  const first = await account.redeem({ key: bench.key(), payload });
  const seen = await account.told(first);
  if (seen.did.did !== 'executed') throw new Unseen(`without a name it is answered with ${seen.text}`);
  return { payload, first };
}

const unnamed: Row = {
  name: 'no-name',
  group: 'duplicates',
  sends: 'the same payload without a name under another key, at once',
  look: async (bench) => {
    const account = await bench.account({ isAlone: true });
    const { payload, first } = await nameless(bench, account);
    return await account.told(await account.redeem({ key: bench.key(), payload }), first);
  },
  promised: promisedNameless,
  writes: (did) => (did.did === 'executed' ? { duplicateWindowMs: 0 } : writesDuplicate(did)),
};

const window: Row = {
  name: 'window',
  group: 'duplicates',
  sends: 'the same, later and later: when it is a redemption of its own',
  look: async (bench) => {
    const { contract } = bench.options;
    const looked = (ageMs: number) => aged(bench, ageMs);
    const promisedMs = contract.duplicateWindowMs > 0 ? contract.duplicateWindowMs : undefined;
    const atOnce = await looked(0);
    if (atOnce.did.did === 'executed') return { ...atOnce, did: is('none'), text: `at once: ${atOnce.text}` };
    const edge = await edgeOf(bench, {
      looked,
      isOver: ({ did }) => did.did === 'executed',
      promisedMs,
      ladder: WINDOWS,
    });
    return windowSeen(edge);
  },
  promised: ({ duplicateIntent, duplicateWindowMs }) => {
    if (duplicateIntent === 'unspecified') return undefined;
    return duplicateWindowMs > 0 ? promiseTime(duplicateWindowMs) : promise(is('none'));
  },
  writes: (did) => {
    if (did.did !== 'is') return {};
    if (did.value === 'none') return { duplicateWindowMs: 0 };
    return typeof did.value === 'number' ? { duplicateWindowMs: did.value } : {};
  },
};

function windowSeen(edge: Edge): Seen {
  return { ...edge.seen, did: is(edge.atMs), text: edgeText(edge, 'the window') };
}

/** Two alike so far apart, on a customer of its own. */
async function aged(bench: Bench, ageMs: number): Promise<Seen> {
  const account = await bench.account({ isAlone: true });
  const wait = await pastWait(bench, account.id);
  const { payload, first } = await nameless(bench, account);
  await wait.until(ageMs, first.sent.answeredAt);
  const seen = await account.told(await account.redeem({ key: bench.key(), payload }), first);
  await wait.done();
  return seen;
}

export const DUPLICATE_ROWS: readonly Row[] = [named, separate, unnamed, window];
