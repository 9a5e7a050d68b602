/** All rules, in the order in which their findings are told. */

import { judgeAnswers } from './answers.ts';
import { judgeBooks } from './books.ts';
import { judgeDebits } from './debits.ts';
import { judgeDone } from './done.ts';
import { judgeDuplicates } from './duplicates.ts';
import { judgeExpiry } from './expiry.ts';
import { judgeKeyForm } from './key-form.ts';
import { judgeMoney } from './money.ts';
import { judgePayloads } from './payload.ts';
import { judgeReads } from './reads.ts';
import { judgeRows } from './rows.ts';
import type { RuleFamily } from './rule.ts';
import { judgeSeen } from './seen.ts';
import { judgeSettling } from './settling.ts';
import { judgeStatuses } from './statuses.ts';
import { judgeWitnesses } from './witnesses.ts';

export const RULE_FAMILIES: readonly RuleFamily[] = [
  judgeDebits,
  judgeDone,
  judgeSeen,
  judgeBooks,
  judgeMoney,
  judgeAnswers,
  judgePayloads,
  judgeKeyForm,
  judgeExpiry,
  judgeDuplicates,
  judgeSettling,
  judgeStatuses,
  judgeReads,
  judgeRows,
  judgeWitnesses,
];
