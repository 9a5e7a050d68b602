import { withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Reads the key in a filter that only new connections pass. */
export const oldHttpHasNoKey: Defect = {
  name: 'old-http-has-no-key',
  description:
    'does not look for a key on HTTP/1.0, as old proxies speak it: such a retry is refused, or debits again',
  reason: 'The middleware belongs to the keep-alive pipeline, and nobody speaks HTTP/1.0 any more.',
  rules: ['unexpected-status', 'missing-key', 'double-debit'],
  bugClasses: [48],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) => withKeys(parts, (key, { httpVersion }) => (httpVersion === '1.0' ? undefined : key)),
};
