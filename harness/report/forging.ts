/** A selftest on one's own endpoint in words that terminal and page share. Pure. */

import type { ForgeryResult, Forging, RuleResult } from '../model/forging.ts';
import { plural } from './format.ts';

export const RULE_MARK: Readonly<Record<RuleResult['state'], string>> = {
  alive: '✓',
  dead: '✗',
  unproved: '?',
  'not-judgeable': '–',
};

export function forgingWord({ result }: Forging): string {
  return {
    caught: '✓ ALL ALIVE',
    missed: '✗ NOT TO BE TRUSTED',
    undecided: '? UNDECIDED',
    failed: '! THE HARNESS COULD NOT WORK',
  }[result];
}

/** e.g. `15 of 15 judgeable rules fired; 3 not judgeable with this config; the same traffic without a lie was valid`. */
export function forgingHeadline({ rules, unforged }: Forging): string {
  const wrong = unforged.filter(({ verdict }) => verdict !== 'valid');
  if (wrong.length > 0)
    return `without any lie the endpoint was ${wrong.map(({ scenario, verdict }) => `${verdict} under ${scenario}`).join(', ')}: mend that first`;
  if (rules.length === 0) return 'no lie was told';
  const count = (state: RuleResult['state']): number => rules.filter((rule) => rule.state === state).length;
  const judgeable = rules.length - count('not-judgeable');
  const parts = [`${count('alive')} of ${plural(judgeable, 'judgeable rule')} fired`];
  if (count('dead') > 0) parts.push(`${count('dead')} did not`);
  if (count('unproved') > 0) parts.push(`${count('unproved')} could not be tried`);
  if (count('not-judgeable') > 0) parts.push(`${count('not-judgeable')} not judgeable with this config`);
  return `${parts.join(', ')}; the same traffic without a lie was valid`;
}

/** e.g. `found at 2 of 2 customers`, `found at 2 of 2 customers, at 1 by another rule (duplicate-intent)`. */
export function foundText({ state, customers, found, fired, otherRules, why }: ForgeryResult): string {
  if (state === 'not-met' || state === 'impossible') return why ?? state;
  const others = found === fired ? '' : `, at ${found - fired} by another rule (${otherRules.join(', ')})`;
  return `found at ${found} of ${plural(customers, 'customer')}${others}`;
}

/** What was told and found of a rule, one sentence part a lie. */
export function toldOf({ forgeries, why, state }: RuleResult): string {
  if (state === 'not-judgeable') return why ?? '';
  const told = forgeries.map((one) => `${one.name}: ${foundText(one)}`);
  return told.length > 0 ? told.join('; ') : (why ?? '');
}
