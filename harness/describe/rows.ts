/** Rows of the contract that the error answers of a document speak for, by their codes and words. */

import { at } from '../model/read-answer.ts';
import { isKeyName } from './names.ts';
import { listOf, recordOf, valuesOf, type ApiDocument, type Operation, type Response } from './document.ts';

/** The first that fits, in this order. */
const BY_WORDS: readonly (readonly [string, RegExp])[] = [
  ['insufficientPoints', /insufficient|not.?enough|too.?few|balance.?too.?low/i],
  ['expiredKey', /key.*expired|expired.*key/i],
  ['inFlight', /in.?progress|in.?flight|concurren|being.?processed|still.?processing|locked/i],
  [
    'otherPayload',
    /key.*(reus|used|mismatch|differ|conflict)|used (with|for|by) (an)?other|(mismatch|different|other).*(payload|param|body|request)|idempotency.?(mismatch|error|conflict)/i,
  ],
  ['missingKey', /(key|header).*(missing|required)|(missing|without|no).*(idempoten|key)/i],
  ['malformedKey', /(invalid|malformed).*key|key.*(invalid|malformed)/i],
  ['duplicateIntent', /duplicate|already.?(redeemed|exists)/i],
  [
    'unknownCustomer',
    /(customer|member|user|account)\w*.?(is |was )?(not.?found|unknown|missing)|(no.?such|unknown).?(customer|member|user|account)/i,
  ],
  [
    'unknownReward',
    /(reward|offer|voucher|product|gift|sku)\w*.?(is |was )?(not.?found|unknown|missing)|(no.?such|unknown).?(reward|offer|voucher|product|gift)/i,
  ],
  ['unsupportedMediaType', /media.?type/i],
  ['badBody', /(invalid|bad|malformed).?(request|body|param|payload)|validation/i],
  ['storeDown', /unavailable|out.?of.?order|maintenance/i],
];
const BY_STATUS: Readonly<Record<string, string>> = {
  '401': 'badToken',
  '403': 'otherCustomersData',
  '415': 'unsupportedMediaType',
  '402': 'insufficientPoints',
  '503': 'storeDown',
  '428': 'missingKey',
};
/** What neither a command nor a few answers show; the preflight proposes some of it, and the probe all. */
export const UNSHOWN = {
  profile: 'ietf',
  missingKey: 'unspecified',
  malformedKey: 'unspecified',
  quotedKeysEqual: 'unspecified',
  ttlMs: 'unspecified',
  expiredKey: 'unspecified',
  // Of every endpoint that replays this much is wanted; whether the bytes are the same, the preflight shows.
  replayEquality: 'redemption',
  replayMarker: 'unspecified',
} as const;

/** What a document seldom says: nothing is judged there until somebody says it. */
const UNSAID = [
  'missingKey',
  'malformedKey',
  'quotedKeysEqual',
  'inFlight',
  'otherPayload',
  'expiredKey',
  'ttlMs',
  'replayMarker',
  'insufficientPoints',
  'storesInsufficientPoints',
  'storesServerErrors',
  'storesRefusals',
  'storeDown',
  'tryAgain',
  'unknownCustomer',
  'unknownReward',
  'badBody',
  'badToken',
  'otherCustomersData',
  'unsupportedMediaType',
] as const;

/** The contract as a config says it: what the document does not say is unspecified. */
export function contractRows(
  document: ApiDocument,
  operation: Operation,
  codePointer: string | undefined,
): Record<string, unknown> {
  const rows: Record<string, unknown> = { profile: 'ietf' };
  for (const row of UNSAID) rows[row] = 'unspecified';
  rows['replayEquality'] = UNSHOWN.replayEquality;
  const marker = operation.responses
    .filter(({ status }) => status.startsWith('2'))
    .flatMap(({ headers }) => headers)
    .find((name) => /replay|repeat|idempotent/i.test(name));
  if (marker !== undefined) rows['replayMarker'] = marker;
  const said = new Set<string>();
  for (const response of operation.responses.filter(({ status }) => /^[45]\d\d$/.test(status))) {
    const status = Number(response.status);
    const codes = codesOf(document, response, codePointer);
    for (const code of codes) {
      const row = rowOf(code) ?? (codes.length === 1 ? rowOf(response.text) : undefined);
      if (row === undefined || said.has(row)) continue;
      rows[row] = { status, code };
      said.add(row);
    }
    const row = rowOf(keyed(response.text, operation)) ?? BY_STATUS[response.status];
    if (row === undefined || said.has(row)) continue;
    rows[row] = codes.length === 1 ? { status, code: codes[0] } : status;
    said.add(row);
  }
  return rows;
}

/** A text that calls the key by its header's name speaks of the key. */
function keyed(text: string, { parameters }: Operation): string {
  const header = parameters.find(({ place, name }) => place === 'header' && isKeyName(name))?.name;
  return header === undefined ? text : text.replaceAll(header, 'key');
}

function rowOf(words: string): string | undefined {
  return BY_WORDS.find(([, pattern]) => pattern.test(words))?.[0];
}

/** Codes in examples, and those that an enum of the schema lists. */
function codesOf(document: ApiDocument, response: Response, pointer: string | undefined): readonly string[] {
  if (pointer === undefined) return [];
  const shown = response.examples.map((example) => at(example, pointer));
  let schema = document.merged(response.schema ?? {});
  for (const name of pointer.slice(1).split('/'))
    schema = document.merged(recordOf(schema['properties'])[name] ?? {});
  const codes = [...shown, ...valuesOf(schema), ...listOf(schema['enum'])];
  const texts = codes.filter((code): code is string => typeof code === 'string' && code !== 'text');
  return [...new Set(texts)];
}
