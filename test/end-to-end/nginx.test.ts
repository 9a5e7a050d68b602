/**
 * A real load balancer before two real replicas. Answers are lost between replica and nginx, after the work was done;
 * what nginx then does, nobody simulates: its own log is the witness.
 */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../harness/base/program.ts';
import { runForVerdict, temporaryFolder, told } from '../support/cli.ts';
import { NO_NGINX, readNginxLog, repeatsOf } from '../support/nginx.ts';

const faults = join(import.meta.dirname, 'nginx', 'lost-at-the-door.json');
// Replicas that are processes of their own need a store outside of them.
const store = findProgram('redis-server') === undefined ? 'memory' : 'redis';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

async function runBehind(lb: string, scenario: string, ...more: string[]) {
  const out = join(folder.path, [lb, scenario, ...more].filter((word) => /^[a-z-]+$/.test(word)).join('_'));
  const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--store', store, '--replicas', '2'];
  const run = await runForVerdict([scenario, '--lb', lb, ...parts, '--intents', '12', '--out', out, ...more]);
  const booked = readNginxLog(join(out, 'latest', 'nginx.log'));
  return { ...run, booked, resend: run.verdict.coverage.find(({ name }) => name === 'hidden-resend') };
}

describe(`two replicas (${store}) behind a real nginx${NO_NGINX === undefined ? '' : ` (skipped: ${NO_NGINX})`}`, () => {
  describe.skipIf(NO_NGINX !== undefined)('that repeats POSTs (non_idempotent)', () => {
    test('the right server is valid, and the verdict counts exactly the resends that nginx booked', async () => {
      const run = await runBehind('nginx-non-idempotent', 'lost-answer', '--faults', faults);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
      const repeated = run.booked.filter(({ method, asked }) => method === 'POST' && asked.length > 1);
      expect(repeated.length).toBeGreaterThan(0);
      expect(run.verdict.counts['hiddenResends']).toBe(repeatsOf(run.booked));
      expect(run.resend).toMatchObject({ required: true, count: repeatsOf(run.booked) });
      // Each repetition went to the other replica, and nginx alone knew: the client saw one answer.
      for (const { asked } of repeated) expect(new Set(asked).size).toBe(2);
      const wasSaved = repeated.filter(({ status, answers }) => status === '200' && answers[0] === '502');
      expect(wasSaved.length).toBeGreaterThan(0);
    });

    test.each([
      { defect: 'check-then-act', scenario: 'duplicated-requests', more: [] },
      { defect: 'record-after-reply', scenario: 'lost-answer', more: ['--faults', faults] },
    ])('$defect is invalid under $scenario', async ({ defect, scenario, more }) => {
      const run = await runBehind('nginx-non-idempotent', scenario, '--defect', defect, ...more);
      expect(run.code, told(run.verdict)).toBe(1);
      expect(run.verdict.violations.map(({ rule }) => rule)).toContain('double-debit');
      expect(run.verdict.counts['hiddenResends']).toBeGreaterThan(0);
    });
  });

  // The near-miss twin: the same faults, the same nginx, one word less in its configuration.
  describe.skipIf(NO_NGINX !== undefined)('that does not', () => {
    test('the right server is valid, and nothing was sent twice', async () => {
      const run = await runBehind('nginx', 'lost-answer', '--faults', faults);
      expect(run.verdict.verdict, told(run.verdict)).toBe('valid');
      const posts = run.booked.filter(({ method }) => method === 'POST');
      expect(posts.some(({ status }) => status === '502')).toBe(true);
      expect(repeatsOf(run.booked)).toBe(0);
      expect(run.verdict.counts['hiddenResends']).toBe(0);
      expect(run.resend).toMatchObject({ required: false, count: 0 });
    });
  });
});
