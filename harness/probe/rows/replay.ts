/** The same request again, once it is done: what of the first answer comes back. */

import type { Row } from '../look.ts';
import type { Bench } from '../bench.ts';
import type { Answered } from '../account.ts';
import { is, promise, REPLAYED, Nowhere, Unseen, type Seen } from '../row.ts';

/** Headers that every server makes anew. */
const OF_THE_MOMENT = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'];
const DEFAULT_MARKER = 'Idempotent-Replayed';

interface Pair {
  readonly first: Answered;
  readonly second: Answered;
  readonly seen: Seen;
}

/** One redemption and its repetition, for all rows that compare the two. */
async function pairOf(bench: Bench): Promise<Pair> {
  return await bench.once('replay', async () => {
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first(asked);
    const second = await account.redeem(asked);
    return { first, second, seen: await account.told(second, first) };
  });
}

/** Throws `Unseen` where the second answer is no replay: then there is nothing to compare. */
async function replayOf(bench: Bench): Promise<Pair> {
  const pair = await pairOf(bench);
  if (pair.seen.did.did === 'replayed') return pair;
  throw new Unseen(`the same key again is no replay: ${pair.seen.text}`);
}

function compared(
  sends: string,
  name: string,
  look: (pair: Pair, bench: Bench) => readonly [string, string],
) {
  return {
    name,
    group: 'replay' as const,
    sends,
    look: async (bench: Bench): Promise<Seen> => {
      const pair = await replayOf(bench);
      const [value, text] = look(pair, bench);
      const { shown, trouble } = pair.seen;
      return { did: is(value), text, shown, ...(trouble !== undefined && { trouble }) };
    },
  };
}

const again: Row = {
  name: 'same-key',
  group: 'replay',
  sends: 'the same key and payload again, when it is done',
  look: async (bench) => (await pairOf(bench)).seen,
  promised: () => promise(REPLAYED),
};

const status: Row = {
  ...compared('the same again: its status', 'replay-status', ({ first, second }) => {
    const [one, two] = [first.sent.answer?.status, second.sent.answer?.status];
    return one === two ? ['the same', `${one} both times`] : ['another', `${one}, then ${two}`];
  }),
  promised: ({ replayEquality }) => (replayEquality === 'bytes' ? promise(is('the same')) : undefined),
};

const headers: Row = {
  ...compared('the same again: its headers', 'replay-headers', ({ first, second }, bench) => {
    const marker = bench.options.contract.replayMarker.toLowerCase();
    const others = changedHeaders(first, second).filter((name) => name !== marker);
    return others.length === 0
      ? ['the same', 'the same, but for the marker and those of the moment']
      : [others.join(', '), `other or only once: ${others.join(', ')}`];
  }),
  // No contract has a row for them.
  promised: () => undefined,
};

const bytes: Row = {
  ...compared('the same again: its body', 'replay-bytes', ({ first, second }) =>
    first.sent.answer?.text === second.sent.answer?.text && first.final.body === second.final.body
      ? ['bytes', 'the same body, byte by byte']
      : ['redemption', 'the same redemption, in another body'],
  ),
  promised: ({ replayEquality }) => {
    if (replayEquality === 'unspecified') return undefined;
    if (replayEquality === 'bytes') return promise(is('bytes'));
    return { text: 'the same redemption', anyOf: [is('redemption'), is('bytes')] };
  },
  writes: (did) =>
    did.did === 'is' ? { replayEquality: did.value === 'bytes' ? 'bytes' : 'redemption' } : {},
  opens: ['replayEquality'],
};

const marker: Row = {
  ...compared('the same again: a header that marks it', 'replay-marker', ({ first, second }, bench) => {
    const name = markerOf(first, second, bench.options.contract.replayMarker);
    return name === undefined
      ? ['none', 'no header is `true` in the replay that the first answer had otherwise']
      : [name, `the replay carries \`${name}: true\`, the first answer does not`];
  }),
  promised: ({ replayMarker }) => (replayMarker === 'unspecified' ? undefined : promise(is(replayMarker))),
  writes: (did) => (did.did === 'is' ? { replayMarker: titled(String(did.value)) } : {}),
  opens: ['replayMarker'],
};

const markerSent: Row = {
  name: 'marker-sent',
  group: 'replay',
  sends: 'a first redemption on which the client itself puts the marker',
  look: async (bench) => {
    const { replayMarker } = bench.options.contract;
    const name = replayMarker === 'none' || replayMarker === 'unspecified' ? DEFAULT_MARKER : replayMarker;
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload(), headers: [[name, 'true']] as const };
    const answered = await account.redeem(asked);
    const seen = await account.told(answered);
    if (seen.did.did !== 'executed') return seen;
    const isEchoed = answered.sent.answer?.headers[name.toLowerCase()] === 'true';
    return isEchoed
      ? { ...seen, did: is('believed'), text: `the first answer carries \`${name}: true\`: ${seen.text}` }
      : { ...seen, did: is('ignored'), text: `not in the answer: ${seen.text}` };
  },
  promised: ({ replayMarker }) => (replayMarker === 'unspecified' ? undefined : promise(is('ignored'))),
};

const state: Row = {
  name: 'replay-state',
  group: 'replay',
  sends: 'the same again, after another redemption: the balance that it tells',
  look: async (bench) => {
    if (bench.options.target.answer.balance === undefined)
      throw new Nowhere('answers tell nothing that changes: answer.balance');
    const account = await bench.account();
    const asked = { key: bench.key(), payload: account.payload() };
    const first = await account.first(asked);
    const other = await account.first({ key: bench.key(), payload: account.another() });
    const third = await account.redeem(asked);
    const seen = await account.told(third, first);
    if (seen.did.did !== 'replayed') return seen;
    const [then, between, told] = [first, other, third].map(({ final }) => final.balance);
    if (then === undefined || told === undefined) throw new Unseen('the answers tell no balance');
    if (then === between) throw new Unseen('the balance that answers tell does not move');
    const text = `${then} at first, ${between} by then, ${told} in the replay`;
    if (told === then) return { ...seen, did: is('first'), text };
    return { ...seen, did: is(told === between ? 'latest' : 'neither'), text };
  },
  promised: ({ replayState }) => (replayState === 'unspecified' ? undefined : promise(is(replayState))),
  writes: (did) =>
    did.did === 'is' && (did.value === 'first' || did.value === 'latest') ? { replayState: did.value } : {},
  opens: ['replayState'],
};

export const REPLAY_ROWS: readonly Row[] = [again, status, headers, bytes, marker, markerSent, state];

/** A header that is `true` in the second answer alone; the contract's own first. */
function markerOf({ sent: first }: Answered, { sent: second }: Answered, known: string): string | undefined {
  const [one, two] = [first.answer?.headers ?? {}, second.answer?.headers ?? {}];
  const names = Object.keys(two).filter((name) => two[name] === 'true' && one[name] !== 'true');
  return names.find((name) => name === known.toLowerCase()) ?? names[0];
}

function changedHeaders({ sent: first }: Answered, { sent: second }: Answered): string[] {
  const [one, two] = [first.answer?.headers ?? {}, second.answer?.headers ?? {}];
  const names = new Set([...Object.keys(one), ...Object.keys(two)]);
  return [...names]
    .filter((name) => !OF_THE_MOMENT.includes(name) && String(one[name]) !== String(two[name]))
    .toSorted();
}

/** As header names are mostly written. */
function titled(name: string): string {
  if (name === 'none') return name;
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
