import { expect, test } from 'vitest';

import { play, startServer } from './support.ts';

test.each([
  ['check-then-act', 'duplicated-requests', 'double_debits'],
  ['no-fingerprint', 'key-reuse', 'payload_mixups'],
  ['balance-read-check-write', 'near-zero', 'overdrafts'],
  ['ttl-renewed', 'key-expiry', 'expiry_errors'],
] as const)('the defect %s fails %s by its own thresholds: %s', async (defect, scenario, counter) => {
  const server = await startServer('--defect', defect);
  try {
    const played = await play(scenario, { ...server.env, INTENTS: '16' });
    expect(played.counted(counter)).toBeGreaterThan(0);
    expect(played.exitCode).toBe(99);
  } finally {
    await server.close();
  }
});
