/** A probe as Markdown: summary.md, for a pull request or a wiki. */

import { withoutSecrets } from '../base/secrets.ts';
import { blockText } from '../probe/block.ts';
import type { Probed } from '../probe/probed.ts';
import { GROUPS } from '../probe/row.ts';
import { visible } from './format.ts';
import { text } from './markdown.ts';
import { answerText, curlOf } from './probe-curl.ts';
import {
  ietfText,
  observedText,
  probeHeadline,
  promisedText,
  STANDING_MARK,
  stripeText,
} from './probe-words.ts';

export function renderProbeMarkdown(probed: Probed): string {
  const { result, block, verdict, endpoint, target } = probed;
  const word = verdict === undefined ? 'Probe' : verdict;
  const groups = GROUPS.map((group) => {
    const rows = result.told.filter(({ row }) => row.group === group);
    return [
      `### ${group}`,
      '',
      '| | row | observed | promised | IETF draft -07 | Stripe |',
      '|---|---|---|---|---|---|',
      ...rows.map((told) => {
        const { row, standing } = told;
        const name = `**${row.name}**<br>${cell(row.sends)}`;
        const cells = [observedText(told), promisedText(told), ietfText(told), stripeText(told)].map(cell);
        return `| ${STANDING_MARK[standing]} | ${name} | ${cells.join(' | ')} |`;
      }),
      '',
    ].join('\n');
  });
  const requests = result.told
    .filter(({ shown }) => shown.length > 0)
    .map(({ row, shown }) =>
      [
        `# ${row.name}`,
        ...shown.map((sent) => `${visible(curlOf(sent, target))} # ${answerText(sent)}`),
      ].join('\n'),
    );
  return [
    `## ${word}: ${cell(endpoint)}`,
    '',
    probeHeadline(probed),
    '',
    ...groups,
    '### The contract as it was seen',
    '',
    '```ts',
    withoutSecrets(blockText(block)).replaceAll('```', "'''"),
    '```',
    '',
    '<details><summary>Requests</summary>',
    '',
    '```sh',
    requests.join('\n\n').replaceAll('```', "'''"),
    '```',
    '',
    '</details>',
    '',
  ].join('\n');
}

/** Text of an endpoint, in a cell: nothing in it is markup. */
function cell(value: string): string {
  return text(withoutSecrets(value));
}
