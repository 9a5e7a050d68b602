/** docs/engines.md claims what rows and tests prove, no more: each of its claims names them, in a comment. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { runEmbedded } from '../../harness/engine/embedded.ts';
import { STALL_MS } from '../../harness/engine/watchdog.ts';
import { PARITY } from './parity.ts';
import { DIFFERENCES } from './rows/differences.ts';
import { recordedRows } from './rows/play.ts';
import { startServer } from './server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCS = readFileSync(join(ROOT, 'docs/engines.md'), 'utf8');
const COMMENT = /<!-- (proof|no claim): ([^]*?) -->/g;

const KNOWN = {
  row: new Set(recordedRows('rows').keys()),
  differs: new Set(DIFFERENCES.map(({ title }) => title)),
  script: new Set(PARITY.map(({ title }) => title)),
};

/** What is said between two comments, by paragraph, item of a list and headline. Tables belong to what is before them. */
function blocksOf(text: string): readonly string[] {
  return text
    .split(/\n\n+/)
    .flatMap((block) => block.split(/\n(?=- )/))
    .map((block) => block.trim())
    .filter((block) => block !== '' && !block.startsWith('#') && !block.startsWith('|'));
}

/** What stands in a block without a comment after it. */
function unproved(block: string): string {
  const end = '-->';
  return block.includes(end) ? block.slice(block.lastIndexOf(end) + end.length).trim() : block;
}

function proofsOf(text: string): readonly string[] {
  return [...text.matchAll(COMMENT)].flatMap(([, kind, names = '']) =>
    kind === 'proof' ? names.split(' | ').map((name) => name.replaceAll(/\s+/g, ' ').trim()) : [],
  );
}

/** Undefined: it is there. */
function wrongWith(proof: string): string | undefined {
  const [, kind = '', name = ''] = /^(\w+): (.+)$/.exec(proof) ?? [];
  if (kind === 'row' || kind === 'differs' || kind === 'script')
    return KNOWN[kind].has(name) ? undefined : `no ${kind} is called ${name}`;
  const [, file = '', title = ''] = /^(\S+\.test\.ts): (.+)$/.exec(name) ?? [];
  const path = join(ROOT, 'test', file);
  if (kind !== 'test' || file === '' || !existsSync(path)) return `${proof} is neither row nor test`;
  return testsOf(path).has(title) ? undefined : `${file} has no test ${title}`;
}

/** The names of a file's tests, as they are written there; the reason for a skip is left out. */
function testsOf(path: string): ReadonlySet<string> {
  const source = readFileSync(path, 'utf8');
  const begun =
    /(?:\btest|\btest\.skipIf\([^)]*\)(?:\.for\(\w+\))?|\btest\.each\([\w[\]., ]+\)|^ *\]\))\(\s*/gm;
  return new Set(
    [...source.matchAll(begun)].flatMap(({ index, 0: { length } }) => {
      const [, , title] = /^(['"`])((?:\\.|(?!\1)[^\\])*)\1/.exec(source.slice(index + length)) ?? [];
      return title === undefined ? [] : [title.replace('${withoutK6}', '')];
    }),
  );
}

describe('docs/engines.md', () => {
  test('each claim of docs/engines.md names what proves it', () => {
    const blocks = blocksOf(DOCS);
    expect(blocks.length).toBeGreaterThan(50);
    expect(blocks.map(unproved).filter((rest) => rest !== '')).toEqual([]);
    const proofs = proofsOf(DOCS);
    expect(proofs.length).toBeGreaterThan(100);
    expect(proofs.map(wrongWith).filter((wrong) => wrong !== undefined)).toEqual([]);
  });

  test('each difference that is recorded is told', () => {
    const told = new Set(proofsOf(DOCS));
    expect(DIFFERENCES.map(({ title }) => `differs: ${title}`).filter((name) => !told.has(name))).toEqual([]);
  });

  test('the numbers of docs/engines.md are those of the code', () => {
    expect(DOCS).toContain(`is ended after ${STALL_MS / 1_000} seconds`);
  });
});

describe('the reader of claims', () => {
  test('sees a claim without a proof, alone or after one that has', () => {
    const [whole = '', alone = '', half = ''] = blocksOf(
      'It is so. <!-- proof: row: x -->\n\n# Headline\n\n- It is, too.\n- It is so. <!-- no claim: y --> And so.\n\n| a |\n',
    );
    expect([whole, alone, half].map(unproved)).toEqual(['', '- It is, too.', 'And so.']);
  });

  test.each([
    ['row: a row that was never played'],
    ['differs: code is strict'],
    ['script: code is strict'],
    ['test: engine/claims.test.ts: a test that is not there'],
    ['test: engine/no-such.test.ts: %s'],
    ['words'],
  ])('takes %j for no proof', (proof) => {
    expect(wrongWith(proof)).toBeDefined();
  });

  test('takes rows, scripts, differences and tests for proofs', () => {
    const proofs = [
      'row: code is strict',
      'differs: HTTP over TLS',
      'script: one VU has several requests in flight',
      'test: engine/claims.test.ts: takes %j for no proof',
      'test: engine/k6-process.test.ts: it resends a keyed POST, hidden from the script',
    ];
    expect(proofs.map(wrongWith)).toEqual(proofs.map(() => undefined));
  });
});

test('a batch of 0 requests at once sends none, and is cut', async () => {
  const server = await startServer();
  const folder = mkdtempSync(join(tmpdir(), 'onceproof-test-'));
  try {
    const script = join(folder, 'batch.js');
    writeFileSync(
      script,
      `import http from 'k6/http';
export const options = { batch: 0, scenarios: { a: { executor: 'per-vu-iterations', maxDuration: '1s', gracefulStop: '0s' } } };
export default function () { console.log('{"before":1}'); http.batch([__ENV.BASE_URL]); console.log('{"after":1}'); }\n`,
    );
    const lines: string[] = [];
    const result = await runEmbedded({
      script,
      env: { BASE_URL: server.url },
      onLine: (line) => lines.push(line),
    });
    expect(result).toMatchObject({ exitCode: 0, iterations: 0 });
    expect(lines).toEqual(['{"before":1}']);
    expect(server.arrivals).toEqual([]);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
