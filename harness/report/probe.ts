/** A probe for a terminal: a table by groups, the requests behind what is broken, and the contract as it was seen. */

import { blockText } from '../probe/block.ts';
import type { Probed } from '../probe/probed.ts';
import type { Told } from '../probe/probe.ts';
import { GROUPS } from '../probe/row.ts';
import { visible } from './format.ts';
import { answerText, curlOf } from './probe-curl.ts';
import {
  ietfText,
  observedText,
  probeHeadline,
  promisedText,
  STANDING_MARK,
  stripeText,
} from './probe-words.ts';
import { painter } from './terminal.ts';

/** `verbose`: every row with its requests, else only those that are broken. */
export function renderProbe(
  probed: Probed,
  { colour = false, verbose = false }: { readonly colour?: boolean; readonly verbose?: boolean } = {},
): string {
  const paint = painter(colour);
  const { result, block, verdict, endpoint } = probed;
  const width = Math.max(...result.told.map(({ row }) => row.name.length));
  const lines: string[] = [paint('bold', `probe of ${visible(endpoint)}`), ''];
  for (const group of GROUPS) {
    const rows = result.told.filter(({ row }) => row.group === group);
    lines.push(paint('bold', group));
    for (const told of rows) {
      const mark = paint(TONE[told.standing], STANDING_MARK[told.standing]);
      const indent = ' '.repeat(width + 5);
      lines.push(`  ${mark} ${told.row.name.padEnd(width)} ${visible(observedText(told))}`);
      lines.push(paint('gray', `${indent}promised: ${promisedText(told)}`));
      if (verbose || told.standing === 'broken')
        lines.push(
          paint('gray', `${indent}IETF ${ietfText(told)}`),
          paint('gray', `${indent}Stripe: ${stripeText(told)}`),
          ...requestLines(told, probed).map((line) => paint('gray', `${indent}${line}`)),
        );
    }
    lines.push('');
  }
  lines.push('The contract as it was seen:', '', blockText(block), '');
  const word = verdict === undefined ? '' : `${verdict}: `;
  lines.push(paint('bold', `${word}${probeHeadline(probed)}`));
  return lines.join('\n');
}

const TONE = { kept: 'green', broken: 'red', unpromised: 'gray', unseen: 'yellow', skipped: 'gray' } as const;

function requestLines({ shown }: Told, { target }: Probed): string[] {
  return shown.map((sent) => `${visible(curlOf(sent, target))} # ${answerText(sent)}`);
}
