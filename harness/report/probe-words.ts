/** The words of a probe that terminal, Markdown and page share. Pure. */

import { isMissing, type Probed } from '../probe/probed.ts';
import type { Standing, Told } from '../probe/probe.ts';
import { SOURCES } from '../probe/sources.ts';
import { duration, plural } from './format.ts';

export const STANDING_MARK: Readonly<Record<Standing, string>> = {
  kept: '✓',
  broken: '✗',
  unpromised: '·',
  unseen: '?',
  skipped: '-',
};

/** What a row that was not seen is to whoever reads the table. */
export function observedText({ seen, why }: Told): string {
  if (seen === undefined) return why === 'skipped' ? 'not looked at (--skip)' : `not seen: ${why ?? '?'}`;
  return seen.trouble === undefined ? seen.text : `${seen.text}; but ${seen.trouble}`;
}

export function promisedText({ promised }: Told): string {
  return promised?.text ?? 'nothing';
}

/** `2.7: SHOULD answer 400 …`, or that it says nothing. */
export function ietfText({ row }: Told): string {
  const { ietf, section } = sourcesOf(row.name);
  return section === undefined ? ietf : `§${section}: ${ietf}`;
}

export function stripeText({ row }: Told): string {
  return sourcesOf(row.name).stripe;
}

export function sourcesOf(name: string): (typeof SOURCES)[string] {
  return SOURCES[name] ?? { ietf: 'says nothing', stripe: 'says nothing' };
}

/** One sentence: what the verdict rests on. */
export function probeHeadline({ result, verdict }: Probed): string {
  const count = (standing: Standing): number => result.told.filter((one) => one.standing === standing).length;
  const unseen = result.told.filter(isMissing).length;
  const took = `${plural(result.requestCount, 'request')} in ${duration(result.tookMs)}`;
  const cut = result.isInterrupted ? 'It was interrupted. ' : '';
  const kept = `${plural(count('kept'), 'row')} as promised`;
  const broken = count('broken') > 0 ? `, ${count('broken')} otherwise` : '';
  const open = unseen > 0 ? `, ${unseen} promised and not seen` : '';
  const facts = `${cut}${kept}${broken}${open}; ${took}.`;
  if (verdict === 'valid') return `The endpoint keeps its contract. ${facts}`;
  if (verdict === 'invalid') return `The endpoint breaks its contract. ${facts}`;
  if (verdict === 'unknown') return `Not all that is promised could be seen. ${facts}`;
  return facts;
}
