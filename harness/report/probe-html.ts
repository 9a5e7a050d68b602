/** A probe as a page of its own: a table by groups, each row opens to its requests. Strings out. */

import { withoutSecrets } from '../base/secrets.ts';
import { blockText } from '../probe/block.ts';
import type { Probed } from '../probe/probed.ts';
import type { Told } from '../probe/probe.ts';
import { GROUPS } from '../probe/row.ts';
import { page, section } from './html-page.ts';
import { markup, type Markup } from './markup.ts';
import { answerText, curlOf } from './probe-curl.ts';
import {
  ietfText,
  observedText,
  probeHeadline,
  promisedText,
  STANDING_MARK,
  stripeText,
} from './probe-words.ts';

const PROBE_STYLE = `
.probe{table-layout:fixed;min-width:860px}.probe td{font-size:.92rem}.probe .mark{width:1.6em;font-weight:700}.probe th:nth-child(2){width:21%}.probe th:nth-child(3){width:32%}.probe th:nth-child(n+4){width:15%}.probe .row-name{font-weight:600;white-space:nowrap}
.probe tr.kept .mark{color:var(--ok)}.probe tr.broken .mark,.probe tr.broken .observed{color:var(--bad)}.probe tr.unseen .mark{color:var(--warn)}.probe tr:is(.unpromised,.skipped,.unseen) .observed{color:var(--muted)}
.probe pre,.block{white-space:pre-wrap;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:6px 0;font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (max-width:720px){.probe{min-width:0}.probe thead{display:none}.probe tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}.probe td{display:block;border:0;padding:2px 0}.probe td.mark{display:inline-block;width:auto;padding-right:.5em}.probe td.mark+td{display:inline-block}.probe td[data-label]::before{content:attr(data-label) ": ";color:var(--muted)}}
`;

export function renderProbeHtml(probed: Probed): string {
  const { verdict, endpoint, block, result } = probed;
  const word = verdict ?? 'probe';
  const groups = GROUPS.map((group) => {
    const rows = result.told.filter(({ row }) => row.group === group);
    return section(
      group,
      markup`<div class="table"><table class="probe">
<thead><tr><th class="mark"></th><th scope="col">row</th><th scope="col">observed</th><th scope="col">promised</th><th scope="col">IETF draft -07</th><th scope="col">Stripe</th></tr></thead>
<tbody>${rows.map((told) => rowHtml(told, probed))}</tbody></table></div>`,
    );
  });
  const title = `${word}: ${clean(endpoint)}`;
  const banner = markup`<header class="banner ${verdict ?? ''}"><h1>${verdict !== undefined && markup`<span class="word">${verdict}</span> `}${clean(endpoint)}</h1><p>${probeHeadline(probed)}</p></header>`;
  const contract = section(
    'The contract as it was seen',
    markup`<pre class="block">${clean(blockText(block))}</pre>`,
  );
  return page(title, [banner, groups, contract], {
    style: PROBE_STYLE,
    madeBy: 'Made by onceproof probe.',
    isScriptless: true,
  });
}

function rowHtml(told: Told, { target }: Probed): Markup {
  const { row, standing, shown } = told;
  const requests =
    shown.length > 0 &&
    markup`<details><summary>${shown.length === 1 ? 'the request' : 'the requests'}</summary>${shown.map(
      (sent) => markup`<pre>${curlOf(sent, target)}
# ${answerText(sent)}</pre>`,
    )}</details>`;
  return markup`<tr id="row-${row.name}" class="${standing}"><td class="mark" title="${standing}">${STANDING_MARK[standing]}</td><td><span class="row-name">${row.name}</span><br><span class="muted">${row.sends}</span></td><td class="observed" data-label="observed">${clean(observedText(told))}${requests}</td><td data-label="promised">${promisedText(told)}</td><td data-label="IETF">${ietfText(told)}</td><td data-label="Stripe">${stripeText(told)}</td></tr>
`;
}

/** Cleaned before it is escaped: a secret with a quote in it would not be found any more. */
function clean(text: string): string {
  return withoutSecrets(text);
}
