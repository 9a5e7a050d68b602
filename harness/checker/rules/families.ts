/** All rules, in the order in which their findings are told. */

import { judgeDebits } from './debits.ts';
import { judgeDone } from './done.ts';
import { judgeMoney } from './money.ts';
import type { RuleFamily } from './rule.ts';

export const RULE_FAMILIES: readonly RuleFamily[] = [judgeDebits, judgeDone, judgeMoney];
