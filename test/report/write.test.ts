import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { REPORT_KINDS } from '../../harness/report/kinds.ts';
import { writeReports } from '../../harness/report/write.ts';
import { invalidSample } from './samples.ts';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onceproof-report-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function savedHistory(): Promise<string> {
  const path = join(dir, 'history.ndjson');
  await writeFile(
    path,
    invalidSample()
      .history.map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  );
  return path;
}

test('every kind of report is written beside the others from one reading of the saved history', async () => {
  const { verdict } = invalidSample();
  const out = join(dir, 'deeper', 'down');
  const paths = await writeReports(out, verdict, await savedHistory(), REPORT_KINDS);
  expect(paths.map((path) => basename(path))).toEqual([
    'report.html',
    'junit.xml',
    'summary.md',
    'verdict.json',
    'annotations.txt',
    'badge.svg',
  ]);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('crash after-debit on replica-1');
  expect(JSON.parse(await readFile(join(out, 'verdict.json'), 'utf8'))).toEqual(verdict);
  expect(await readFile(join(out, 'junit.xml'), 'utf8')).toContain('timestamp="2026-01-31T12:00:00"');
});

test('a kind that is named twice is written once, and none named writes nothing', async () => {
  const { verdict } = invalidSample();
  expect(await writeReports(dir, verdict, await savedHistory(), ['json', 'json'])).toHaveLength(1);
  expect(await writeReports(dir, verdict, await savedHistory(), [])).toEqual([]);
});

test('a history that cannot be read leaves a report that says so', async () => {
  const { verdict } = invalidSample();
  await writeReports(dir, verdict, join(dir, 'nowhere.ndjson'), ['html']);
  expect(await readFile(join(dir, 'report.html'), 'utf8')).toContain(
    'The history could not be read to its end: ',
  );
});

test('a history with a bad line in the middle is told up to that line', async () => {
  const { verdict } = invalidSample();
  const path = await savedHistory();
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [...lines.slice(0, 500), '{"type":"nonsense"}', ...lines.slice(500)].join('\n'));
  await writeReports(dir, verdict, path, ['html']);
  expect(await readFile(join(dir, 'report.html'), 'utf8')).toContain('history.ndjson:501');
});
