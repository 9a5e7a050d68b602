/** The contract that a probe writes: what was seen, and nothing beyond it. */
import { describe, expect, test } from 'vitest';
import { contractFrom } from '../../harness/model/contract.ts';
import { blockOf } from '../../harness/probe/block.ts';
import type { Told } from '../../harness/probe/probe.ts';
import { EXECUTED, type Did } from '../../harness/probe/row.ts';
import { DUPLICATE_ROWS } from '../../harness/probe/rows/duplicates.ts';

function told(name: string, did: Did | 'nowhere' | 'not seen'): Told {
  const row = DUPLICATE_ROWS.find((one) => one.name === name) ?? expect.fail(name);
  if (did === 'nowhere') return { row, standing: 'unseen', why: 'none', isNowhere: true, shown: [] };
  if (did === 'not seen') return { row, standing: 'unseen', why: 'lost', shown: [] };
  return { row, standing: 'unpromised', seen: { did, text: '', shown: [] }, shown: [] };
}

const written = (...rows: readonly Told[]) => blockOf(rows, contractFrom('seed'), 'seed').rows;

describe('a second key for one redemption', () => {
  test('is one of its own where no request has a name, and two alike are both done', () => {
    expect(written(told('same-name', 'nowhere'), told('no-name', EXECUTED))).toMatchObject({
      duplicateIntent: 'uncovered',
      duplicateWindowMs: 0,
    });
  });

  test('is left open where requests have names, and nothing was seen of them', () => {
    const rows = written(told('same-name', 'not seen'), told('no-name', EXECUTED));
    expect(rows).toMatchObject({ duplicateIntent: 'unspecified', duplicateWindowMs: 0 });
  });

  test('is what was seen of names, whatever happens without one', () => {
    const refused = { did: 'refused', status: 409 } as const;
    expect(written(told('same-name', refused), told('no-name', EXECUTED))).toMatchObject({
      duplicateIntent: { status: 409 },
      duplicateWindowMs: 0,
    });
  });
});
