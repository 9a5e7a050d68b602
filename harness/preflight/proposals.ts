/** Rows of the contract that one redemption and its repetition speak for. One observation is no promise: a person decides. */

import type { Exchange } from '../audit/bounded-client.ts';
import type { Contract } from '../model/contract.ts';
import { shownRefusal } from '../model/refusals.ts';
import type { Answer, Said } from './talk.ts';

export interface Proposal {
  readonly row: 'replayMarker' | 'replayEquality' | 'inFlight';
  /** As it is written in a config. */
  readonly value: string;
  /** What the config says now, in the same form; equal: it fits. */
  readonly says: string;
  readonly why: string;
}

/** What was seen, whether the config says so already or not. `pair`: two requests at once with one key. */
export function proposalsOf(
  contract: Contract,
  first: Said<Answer>,
  again: Said<Answer>,
  pair: readonly Answer[],
): readonly Proposal[] {
  const [one, two] = [first.value, again.value];
  if (one === undefined || two === undefined || !isDone(one)) return [];
  return [
    ...(isDone(two) ? [markerProposal(contract, first, again), equalityProposal(contract, one, two)] : []),
    ...inFlightProposal(contract, pair),
  ].filter((one) => one !== undefined);
}

function isDone({ status = 0 }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** A header that the repetition alone has, or has as `true`. */
function markerProposal(contract: Contract, first: Said<Answer>, again: Said<Answer>): Proposal {
  const [one, two] = [headersOf(first), headersOf(again)];
  const names = Object.keys(two).filter((name) => two[name] === 'true' && one[name] !== 'true');
  const known = contract.replayMarker.toLowerCase();
  const name = names.find((candidate) => candidate === known) ?? names[0];
  const written = name === known ? contract.replayMarker : titled(name ?? 'none');
  return {
    row: 'replayMarker',
    value: quoted(name === undefined ? 'none' : written),
    says: quoted(contract.replayMarker),
    why:
      name === undefined
        ? 'no header of the repetition is `true` that the first answer had otherwise'
        : `the repetition carries \`${written}: true\``,
  };
}

function equalityProposal(contract: Contract, one: Answer, two: Answer): Proposal | undefined {
  const says = quoted(contract.replayEquality);
  if (one.bodyHash !== undefined && one.bodyHash === two.bodyHash)
    return { row: 'replayEquality', value: "'bytes'", says, why: 'both answers are the same, byte by byte' };
  if (one.redemption === undefined || one.redemption !== two.redemption) return undefined;
  return {
    row: 'replayEquality',
    value: "'redemption'",
    says,
    why: 'both answers name the same redemption, in other bytes',
  };
}

function inFlightProposal(contract: Contract, pair: readonly Answer[]): readonly Proposal[] {
  const { inFlight } = contract;
  const says =
    typeof inFlight === 'object'
      ? inFlight.code === undefined
        ? String(inFlight.status)
        : refusalText(inFlight.status, inFlight.code)
      : quoted(inFlight);
  const refused = pair.find(({ status = 0 }) => status >= 400 && status < 500);
  if (pair.length < 2 || !pair.some(isDone)) return [];
  if (refused?.status !== undefined) {
    const { status, code } = refused;
    const value =
      code === undefined || (typeof inFlight === 'object' && inFlight.code === undefined)
        ? String(status)
        : refusalText(status, code);
    const told = shownRefusal({ status, ...(code !== undefined && { code }) });
    return [
      { row: 'inFlight', value, says, why: `of two requests at once with one key one was told ${told}` },
    ];
  }
  if (!pair.every(isDone) || pair[0]?.redemption !== pair[1]?.redemption) return [];
  // Either it waited, or it came when the first one was through: only where a refusal is promised is that worth a word.
  return [
    {
      row: 'inFlight',
      value: "'wait'",
      says,
      why: 'two requests at once with one key were both answered with one redemption: the second one waited, or came too late to meet the first',
    },
  ];
}

function headersOf({ exchanges }: Said<unknown>): NonNullable<Exchange['answer']>['headers'] {
  return exchanges.at(-1)?.answer?.headers ?? {};
}

function refusalText(status: number, code: string): string {
  return `{ status: ${status}, code: ${quoted(code)} }`;
}

function quoted(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

/** As header names are mostly written. */
function titled(name: string): string {
  return name === 'none'
    ? name
    : name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
