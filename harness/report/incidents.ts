/** Incidents in words that terminal, HTML and Markdown share. */

import { CIRCUMSTANCE_TEXT, type Incident } from '../model/incident.ts';
import { KIND_TEXT } from '../model/stand.ts';
import type { Rule, Verdict, Violation } from '../model/verdict.ts';
import { number, plural } from './format.ts';
import { guessOf } from './guesses.ts';

export interface ToldIncident {
  readonly incident: Incident<Rule>;
  /** e.g. `double-debit: two requests of it were at the server together`. */
  readonly title: string;
  /** How often, and what else was broken in it. */
  readonly extent: string;
  /** What such a pattern usually is; undefined where none is known. */
  readonly guess: string | undefined;
  /** The leading violation of its smallest case; undefined where the verdict does not list it. */
  readonly violation: Violation | undefined;
}

/** In the order in which they are told. Empty for a verdict of an edition that did not group. */
export function incidentsOf(verdict: Verdict): readonly ToldIncident[] {
  return (verdict.incidents ?? []).map((incident) => {
    const guess = guessOf(incident);
    return {
      incident,
      title: titleOf(incident),
      extent: extentOf(incident),
      guess: guess && `usually (a guess): ${guess.text}`,
      violation: verdict.violations.find((violation) => isLeading(violation, incident)),
    };
  });
}

/** e.g. `3 incidents (55 violations)`. */
export function incidentsText({ incidents, violationCount }: Verdict): string | undefined {
  if (incidents === undefined || incidents.length === 0) return undefined;
  return `${plural(incidents.length, 'incident')} (${plural(violationCount, 'violation')})`;
}

function isLeading(violation: Violation, { rule, smallest }: Incident<Rule>): boolean {
  return (
    violation.rule === rule &&
    violation.intent === smallest.intent &&
    (smallest.intent !== undefined || violation.customer === smallest.customer)
  );
}

function titleOf({ rule, circumstance, stand }: Incident<Rule>): string {
  return `${rule}: ${stand === undefined ? CIRCUMSTANCE_TEXT[circumstance] : KIND_TEXT[stand]}`;
}

function extentOf({ cases, violations, rules, rule, onSeveralReplicas }: Incident<Rule>): string {
  const others = rules.filter((one) => one !== rule);
  const parts = [`${plural(cases, 'redemption')}, ${plural(violations, 'violation')}`];
  if (others.length > 0) parts.push(`also ${others.join(', ')}`);
  if (onSeveralReplicas > 0) parts.push(`${number(onSeveralReplicas)} over several replicas`);
  return parts.join('; ');
}
