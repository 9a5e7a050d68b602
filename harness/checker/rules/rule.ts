/** What a rule is: it reads one customer's case and writes what it found. Pure: no clock, no input or output. */

import type { Violation } from '../../model/verdict.ts';
import type { Attempt, Intent } from '../customer.ts';
import type { CustomerCase } from '../case.ts';
import type { Effect } from '../effects.ts';
import type { Findings } from '../findings.ts';

export type RuleFamily = (theCase: CustomerCase, findings: Findings) => void;

/** At most so many attempts are named as evidence: the story of a violation must stay readable. */
const SHOWN_ATTEMPTS = 20;

/** The members of a violation that follow from an intent and its attempts. */
export function about(
  intent: Intent,
  attempts: readonly Attempt[] = intent.attempts,
): Pick<Violation, 'intent' | 'customer' | 'attempts'> & { key?: string; at?: number } {
  const sorted =
    attempts.length > 1
      ? [...attempts].sort((one, two) => one.invoke.at - two.invoke.at || one.seq - two.seq)
      : attempts;
  const first = sorted[0] ?? intent.attempts[0];
  const keyed = sorted.find(({ keyKind }) => keyKind === 'key');
  const last = sorted.at(-1);
  const at = last?.complete?.at ?? last?.invoke.at;
  return {
    intent: intent.id,
    ...(first && { customer: first.invoke.customer }),
    ...(keyed && { key: keyed.key }),
    attempts: sorted.slice(0, SHOWN_ATTEMPTS).map(({ id }) => id),
    ...(at !== undefined && { at }),
  };
}

export function debitCount(effects: readonly Effect[]): number {
  let count = 0;
  for (const effect of effects) count += effect.debits;
  return count;
}

/** `2 debits (rdm_1, rdm_2)` */
export function shownEffects(effects: readonly Effect[], noun: string): string {
  const count = debitCount(effects);
  const names = effects
    .slice(0, 5)
    .map(({ redemption, debits }) => (debits > 1 ? `${redemption} ${debits} times` : redemption));
  const more = effects.length > 5 ? ', …' : '';
  return `${count} ${noun}${count === 1 ? '' : 's'}${names.length > 0 ? ` (${names.join(', ')}${more})` : ''}`;
}

export function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}
