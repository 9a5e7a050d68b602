/** What a run had found, and whether running it again has found it again. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../base/errors.ts';
import { checkHistory } from '../checker/check-history.ts';
import type { Verdict, VerdictWord, Violation } from '../model/verdict.ts';
import { textIn } from '../plan/file.ts';
import type { Finding, ReplayOutcome } from '../plan/replay-result.ts';

/** One violation is enough to say that it is still there; that it is gone takes every try, each of them valid. */
export function outcomeOf(made: {
  readonly tries: readonly { readonly verdict: VerdictWord; readonly isSame: boolean }[];
  readonly triesWanted: number;
  /** The last try was cut short: its being valid proves nothing. */
  readonly isInterrupted: boolean;
}): ReplayOutcome {
  if (made.tries.some(({ isSame: isFound }) => isFound)) return 'reproduced';
  const isWhole = made.tries.length > 0 && made.tries.length >= made.triesWanted && !made.isInterrupted;
  return isWhole && made.tries.every(({ verdict }) => verdict === 'valid') ? 'fixed' : 'not-reproduced';
}

/** Each pair of rule and subject once, in the verdict's order. A verdict lists its first 100 violations only. */
export function findingsOf({
  violations,
  run,
}: Pick<Verdict, 'violations'> & { run: { runId: string } }): Finding[] {
  const findings = violations.map((violation) => ({
    rule: violation.rule,
    subject: subjectOf(violation, run.runId),
  }));
  return findings.filter((finding, index) => findings.findIndex((one) => isSame(one, finding)) === index);
}

function subjectOf({ intent, customer, attempts }: Violation, runId: string): string {
  if (intent !== undefined) return intent;
  // Made customers are named for their run; a key is a hash of it, and tells nothing to another run.
  if (customer !== undefined) return customer.replace(`cust_${runId}_`, 'cust_*_');
  return attempts[0]?.replace(/\.\d+$/, '') ?? '';
}

export function isSame(one: Finding, other: Finding): boolean {
  return one.rule === other.rule && one.subject === other.subject;
}

/** As it was told then; of a run that was killed before it could be, from its history. */
export async function verdictOf(dir: string, shown: string): Promise<Verdict> {
  const saved = await textIn(join(dir, 'verdict.json'));
  const verdict = saved === undefined ? undefined : parsedVerdict(saved);
  if (verdict !== undefined) return verdict;
  const history = join(dir, 'history.ndjson');
  if (isFile(history)) return await checkHistory([history]);
  throw usageError('plan', 'holds no verdict to compare with', {
    field: shown,
    expected: 'verdict.json or history.ndjson beside plan.json',
  });
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Undefined for a torn file: the history says the same. */
function parsedVerdict(json: string): Verdict | undefined {
  try {
    const value = JSON.parse(json) as Partial<Verdict> | null;
    const isVerdict =
      value?.schema === 1 &&
      typeof value.verdict === 'string' &&
      typeof value.run?.runId === 'string' &&
      Array.isArray(value.reasons) &&
      Array.isArray(value.violations) &&
      value.violations.every(isViolation);
    return isVerdict ? (value as Verdict) : undefined;
  } catch {
    return undefined;
  }
}

/** Of what is asked for here; a verdict may come from anywhere. */
function isViolation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { rule, intent = '', customer = '', attempts } = value as Record<string, unknown>;
  const texts = [
    rule,
    intent,
    customer,
    ...(Array.isArray(attempts) ? (attempts as unknown[]) : [undefined]),
  ];
  return texts.every((text) => typeof text === 'string');
}
