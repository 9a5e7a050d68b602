/** The catalogue of wrong editions. A new one: a file beside this one, and its name in this list. */

import { balanceReadCheckWrite } from './balance-read-check-write.ts';
import { checkThenAct } from './check-then-act.ts';
import { debitBeforeRecord } from './debit-before-record.ts';
import type { Defect, DefectFacts } from './defect.ts';
import { expiredKeyProcessed } from './expired-key-processed.ts';
import { globalKeyScope } from './global-key-scope.ts';
import { noFingerprint } from './no-fingerprint.ts';
import { recordAfterReply } from './record-after-reply.ts';
import { replicaClock } from './replica-clock.ts';
import { shortLease } from './short-lease.ts';
import { sticky5xx } from './sticky-5xx.ts';
import { ttlRenewed } from './ttl-renewed.ts';

export const DEFECTS: readonly Defect[] = [
  checkThenAct,
  debitBeforeRecord,
  recordAfterReply,
  shortLease,
  globalKeyScope,
  noFingerprint,
  balanceReadCheckWrite,
  expiredKeyProcessed,
  ttlRenewed,
  replicaClock,
  sticky5xx,
];

/** The catalogue as plain data, for whoever starts this server as a program. */
export function defectCatalogue(): readonly DefectFacts[] {
  return DEFECTS.map(({ apply: _, ...facts }) => facts);
}
