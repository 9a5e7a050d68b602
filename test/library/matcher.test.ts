import '../../harness/library/vitest.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { toDebitOnce } from '../../harness/library/matcher.ts';
import { temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const small = {
  store: 'memory',
  engine: 'embedded',
  proxy: 'embedded',
  intents: 16,
  out: folder.path,
} as const;

/** Caught by a single client in order: no race has to be won for it. */
const WRONG = { scenario: 'key-reuse', defect: 'no-fingerprint' } as const;

describe('toDebitOnce', () => {
  test('passes where each intent was debited once', async () => {
    await expect(null).toDebitOnce(small);
  });

  test('fails with the story of what was broken', async () => {
    const failure = expect(null).toDebitOnce({ ...small, ...WRONG });
    await expect(failure).rejects.toThrow(/the verdict is invalid[\s\S]*payload-binding/);
  });

  test('negated it passes for a violation, and fails without one', async () => {
    await expect(null).not.toDebitOnce({ ...small, ...WRONG });
    await expect(expect(null).not.toDebitOnce(small)).rejects.toThrow('expected a violation');
  });

  test('unknown fails, negated or not: what was not seen proves nothing', async () => {
    // Too little time for anything.
    const hurried = { ...small, scenario: 'soak', duration: '20s', budget: '1s' } as const;
    const plain = await toDebitOnce.call({ isNot: false }, null, hurried);
    expect(plain.message()).toContain('the verdict is unknown');
    expect(plain.pass).toBe(false);
    const negated = await toDebitOnce.call({ isNot: true }, null, hurried);
    expect(negated.message()).toContain('the verdict is unknown');
    // A negated matcher fails when it passes.
    expect(negated.pass).toBe(true);
  });

  test('wrong options are an error of the test, not a verdict', async () => {
    await expect(expect(null).toDebitOnce({ ...small, scenario: [] })).rejects.toThrow('scenario');
    await expect(expect(null).toDebitOnce({ ...small, budget: 'soon' })).rejects.toThrow('budget');
    await expect(expect('no/such/config.ts').toDebitOnce(small)).rejects.toThrow('no such file');
  });
});
