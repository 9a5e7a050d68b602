import { withKeys } from './careless.ts';
import type { Defect } from './defect.ts';

/** Looks for the header by the exact letters of its name. */
export const headerByItsCase: Defect = {
  name: 'header-by-its-case',
  description:
    'finds the key only under the name as the documentation writes it: a client or a gateway that sends it in lower case has none',
  reason: "The lookup was tried with the documentation's own example.",
  rules: ['unexpected-status', 'missing-key', 'double-debit'],
  bugClasses: [48],
  needs: [],
  way: { kind: 'run', scenario: 'key-reuse', faults: 'none', intents: 33 },
  apply: (parts) =>
    withKeys(parts, (key, { rawHeaders }) =>
      rawHeaders.includes(parts.contract.keyHeader) ? key : undefined,
    ),
};
