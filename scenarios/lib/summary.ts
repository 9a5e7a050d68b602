/** The end of a run as a short readable text. */
import { MOMENTS, VIOLATIONS, type MomentName, type ViolationName } from './counters.ts';

/** What k6 hands to handleSummary, as far as it is read here. */
export interface SummaryData {
  readonly metrics: Readonly<
    Record<string, { readonly values?: Readonly<Record<string, number>> } | undefined>
  >;
}

/** A moment that a scenario wants; `isRequired` where this run could reach it. */
export interface WantedMoment {
  readonly moment: MomentName;
  readonly isRequired: boolean;
  /** What it needs, for the text. */
  readonly needs: string;
}

/** Verdict of the script alone, violations, moments, and what was not judged here. */
export function summaryText(name: string, data: SummaryData, wanted: readonly WantedMoment[]): string {
  if ((data.metrics['iterations']?.values?.['count'] ?? 0) === 0) {
    return `${name}: BROKEN: no iteration ran, nothing is proved\n`;
  }
  const counted = (metric: string): number => data.metrics[metric]?.values?.['count'] ?? 0;
  const broken = (Object.keys(VIOLATIONS) as ViolationName[]).filter((violation) => counted(violation) > 0);
  const missed = wanted.filter(({ moment, isRequired }) => isRequired && counted(moment) === 0);
  const errors = counted('script_errors');
  const completed = counted('intents_completed');
  const lines = [
    `${name}: ${words(broken.length, errors, completed, missed.length)}`,
    `  iterations ${counted('iterations')} · intents completed ${completed}, refused ${counted('intents_refused')}, undecided ${counted('intents_undecided')}`,
    ...broken.map((violation) => `  ✗ ${violation} ${counted(violation)}: ${VIOLATIONS[violation]}`),
    ...(errors > 0 ? [`  ✗ script_errors ${errors}: the script itself broke; its messages stand above`] : []),
    ...(completed === 0 ? ['  ✗ intents_completed 0: no intent was carried to its end'] : []),
    ...missed.map(({ moment }) => `  ✗ ${moment} 0: ${MOMENTS[moment]} was wanted and did not happen`),
    ...wanted
      .filter(({ moment }) => counted(moment) > 0)
      .map(({ moment }) => `  ✓ ${moment} ${counted(moment)}: ${MOMENTS[moment]}`),
    ...wanted
      .filter(({ moment, isRequired }) => !isRequired && counted(moment) === 0)
      .map(({ moment, needs }) => `  – unjudged: ${moment} (${needs})`),
  ];
  const unread = counted('iterations_unjudged');
  if (unread > 0)
    lines.push(`  – unjudged: ${unread} iterations whose list and balance could not be read back`);
  return `${lines.join('\n')}\n`;
}

function words(broken: number, errors: number, completed: number, missed: number): string {
  if (broken > 0) return 'VIOLATED';
  if (errors > 0 || completed === 0) return 'BROKEN: nothing is proved';
  return missed > 0 ? 'NOT SEEN: nothing violated, but not all that was wanted happened' : 'nothing violated';
}
