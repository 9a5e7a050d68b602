/**
 * `npx tsx test/trust/scenario-order.ts`: each wrong edition of the server under each scenario, and how long a run takes.
 * Prints the figures of harness/plan/scenario-order.ts: how many editions a scenario finds, and its seconds on the right one.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type RunOptions } from '../../harness/index.ts';
import { SCENARIOS } from '../../harness/plan/plan.ts';
import { DEFECTS } from '../../reference-server/defects/index.ts';

const out = mkdtempSync(join(tmpdir(), 'onceproof-order-'));
const asked: RunOptions = {
  out,
  engine: 'embedded',
  proxy: 'embedded',
  store: 'memory',
  report: [],
  seed: 1,
};
for (const scenario of SCENARIOS) {
  const more = scenario === 'soak' ? { duration: '8s' } : {};
  const seconds = async (defect?: string): Promise<{ seconds: number; verdict: string }> => {
    const startedAt = performance.now();
    const { verdict } = await run({
      ...asked,
      ...more,
      scenarios: scenario,
      ...(defect !== undefined && { defect }),
    });
    return { seconds: (performance.now() - startedAt) / 1000, verdict };
  };
  const right = await seconds();
  const found: string[] = [];
  for (const { name } of DEFECTS) if ((await seconds(name)).verdict === 'invalid') found.push(name);
  console.log(
    JSON.stringify({ scenario, seconds: Math.round(right.seconds * 10) / 10, verdict: right.verdict, found }),
  );
}
rmSync(out, { recursive: true, force: true });
