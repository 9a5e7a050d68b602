/** One failure of a sweep in the smallest form: a script that shows the requests, and a test that a team can keep. */

import { KIND_TEXT, standName, type SweepKind, type SweepStand } from '../model/stand.ts';
import type { Target } from '../model/target.ts';
import { redeemRequest, type RedeemPayload, type WireRequest } from '../model/redeem-request.ts';
import { authorised } from '../model/wire.ts';

export interface Repro {
  readonly stand: SweepStand & { readonly broken?: readonly string[] };
  readonly target: Target;
  /** What the sweep was asked for. */
  readonly asked: { readonly configFile?: string; readonly store?: string; readonly defect?: string };
}

/** Kinds whose other request is the same one again. */
const SAME_AGAIN: ReadonlySet<SweepKind> = new Set([
  'same-key',
  'same-key-elsewhere',
  'client-retries',
  'past-lease',
  'past-expiry',
  'paused',
]);

/**
 * Runs by itself: without BASE_URL it takes the stand again, doors and all; with it the requests alone are sent, and whoever
 * runs it stands where the door stood. Customer, key and token are the reader's to fill in: nothing of a run is in it.
 */
export function curlScript({ stand, target, asked }: Repro): string {
  const [reward] = target.rewards;
  const payload: RedeemPayload = {
    customer: '$CUSTOMER',
    reward: reward?.id ?? '',
    points: reward?.points ?? 1,
    ...(target.redemptionTypes[0] !== undefined && { type: target.redemptionTypes[0] }),
    ...(target.sendsClientRedemptionId && { clientRedemptionId: '$NAME' }),
  };
  const curl = (key: string, changes: Partial<RedeemPayload> = {}): string =>
    curlOf({ ...target, baseUrl: '$BASE_URL' }, key, { ...payload, ...changes });
  const isHeld = !stand.kind.startsWith('cut') && !stand.kind.startsWith('kill');
  const { after } = stand;
  const lines = [
    '#!/bin/sh',
    `# ${(stand.broken ?? []).join(', ')}: ${KIND_TEXT[stand.kind]}.`,
    `# The stand: ${stand.door}, message ${stand.k}: ${comment(stand.name)}`,
    '# Without BASE_URL: all of it again, by itself. With BASE_URL (and CUSTOMER, TOKEN): the requests alone, by hand.',
    'set -u',
    'if [ -z "${BASE_URL:-}" ]; then',
    `  exec ${sweepCommand(stand, asked).map(quoted).join(' ')}`,
    'fi',
    ': "${CUSTOMER:?}" "${TOKEN:=}" "${KEY:=$(uuidgen)}" "${NAME:=$(uuidgen)}"',
    `by_hand() { printf '%s; Enter goes on: ' "$1" >&2; read -r _; }`,
    '',
    ...(after === undefined
      ? []
      : [
          ask(
            `stand at message ${after.k} to ${after.door} (${comment(after.name)}): ${KIND_TEXT[after.kind]}`,
          ),
          curl('$KEY'),
        ]),
    ask(`stand at message ${stand.k} to ${stand.door} (${comment(stand.name)}): ${KIND_TEXT[stand.kind]}`),
    `${curl('$KEY')}${isHeld ? ' &' : ''}`,
    ...(isHeld ? [ask('it stands')] : []),
    ...othersOf(stand.kind, curl, target),
    ...(isHeld ? [ask('let it go'), 'wait'] : ['# the client comes again', curl('$KEY')]),
    '',
  ];
  return lines.join('\n');
}

function ask(text: string): string {
  return `by_hand ${quoted(text)}`;
}

/** As one word of a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function othersOf(
  kind: SweepKind,
  curl: (key: string, changes?: Partial<RedeemPayload>) => string,
  { rewards }: Target,
): string[] {
  if (SAME_AGAIN.has(kind)) return [curl('$KEY')];
  if (kind === 'other-key') return [curl('$(uuidgen)')];
  if (kind === 'last-points') return [curl('$(uuidgen)', { clientRedemptionId: '$NAME-2' })];
  const other = rewards[1];
  if (kind === 'other-payload') return [curl('$KEY', other && { reward: other.id, points: other.points })];
  return [];
}

function curlOf(target: Target, key: string, payload: RedeemPayload): string {
  const shown = withoutValues(target);
  const { before = [] } = shown.redeem;
  const taken: Record<string, string> = {};
  const lines = before.map((call) => {
    const { keyHeader } = shown.redeem;
    const line = curlLine(
      shown,
      redeemRequest({ ...shown, redeem: { ...call, keyHeader } }, payload, key, taken),
    );
    const names = Object.keys(call.take);
    for (const name of names) taken[name] = `$${name}`;
    return names.length === 0 ? line : `${line} # then ${names.map((name) => `${name}=…`).join(' ')}`;
  });
  return [...lines, curlLine(shown, redeemRequest(shown, payload, key, taken))].join('\n');
}

function curlLine(target: Target, plain: WireRequest): string {
  const { method, url, body, headers } = authorised(target, plain, '$TOKEN');
  const flags = Object.entries(headers).map(([name, value]) => `-H "${inQuotes(value, name)}"`);
  return `curl -sS -X ${method} "${inShell(url)}" ${flags.join(' ')} -d "${inQuotes(inShell(body))}"`;
}

/** Headers and query of the config may hold secrets: their names, and what the client fills in, are enough. */
function withoutValues(target: Target): Target {
  const names = (values: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, /^\{\w+\}$/.test(value) ? value : '…']),
    );
  return {
    ...target,
    redeem: {
      ...target.redeem,
      headers: names(target.redeem.headers),
      ...(target.redeem.before && {
        before: target.redeem.before.map((call) => ({ ...call, headers: names(call.headers) })),
      }),
    },
    ...(target.headers && { headers: names(target.headers) }),
    ...(target.query && { query: names(target.query) }),
  };
}

function inQuotes(value: string, name?: string): string {
  return (name === undefined ? value : `${name}: ${value}`).replaceAll('"', '\\"');
}

/** The shell's variables and calls, which URLs and forms have encoded. */
function inShell(text: string): string {
  return text
    .replace(/%24(\w+)/g, '$$$1')
    .replace(/%24(?:%28|\()uuidgen(?:%29|\))/g, '$$(uuidgen)')
    .replaceAll('%E2%80%A6', '…');
}

/** A test that starts the sweep at this one stand, and is green when the endpoint is mended. */
export function vitestFile({ stand, asked }: Repro): string {
  const [command = '', ...args] = sweepCommand(stand, asked);
  const title = `${KIND_TEXT[stand.kind]}: ${stand.door}, message ${stand.k}`;
  return `import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// ${comment(stand.name)}
// broke ${(stand.broken ?? []).join(', ')}
test(${JSON.stringify(title)}, { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = spawnSync(${JSON.stringify(command)}, ${JSON.stringify(args)}, { encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
});
`;
}

function sweepCommand(stand: SweepStand, { configFile, store, defect }: Repro['asked']): string[] {
  return [
    'npx',
    'onceproof',
    'sweep',
    ...(configFile === undefined ? [] : ['--target', configFile]),
    ...(store === undefined ? [] : ['--store', store.includes('://') ? 'redis' : store]),
    ...(defect === undefined ? [] : ['--defect', defect]),
    '--stand',
    standName(stand),
  ];
}

/** On one line: a statement may have several. */
function comment(text: string): string {
  return text.replace(/\s+/g, ' ');
}
