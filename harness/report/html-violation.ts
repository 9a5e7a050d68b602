/** One violation, or one sample of a moment, on the page: story, lanes, evidence. Pure. */

import type { Verdict, Violation } from '../model/verdict.ts';
import type { Dossier } from './dossier-draft.ts';
import { factsOf } from './facts.ts';
import { offset, plural, visible } from './format.ts';
import { lanesOf } from './lanes.ts';
import { lanesSvg } from './lanes-svg.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { storyOf, type Step, type Story } from './story.ts';
import { traceLinks } from './traces.ts';
import { momentText } from './words.ts';

export function violationHtml(
  violation: Violation,
  dossier: Dossier | undefined,
  index: number,
  isOpen: boolean,
  run?: Verdict['run'],
): Markup {
  const links = run === undefined ? [] : traceLinks(run, violation, dossier);
  const subject = violation.intent ?? violation.customer ?? violation.key;
  const id = `violation-${index + 1}`;
  const told = dossier && toldOf(dossier, id);
  const { rule, summary, expected, found, key, customer, attempts } = violation;
  return markup`<details class="violation" id="${id}"${isOpen && markup` open`}><summary><span class="rule">${rule}</span>${subject !== undefined && !summary.includes(subject) && markup`<span class="subject">${subject}</span>`}${summary}</summary>
<dl class="story">
${row('intent', subject)}${!told && subject !== customer && row('customer', customer)}${row('wanted', told?.story.wanted)}${key !== undefined && row('key', markup`<code>${key}</code>`)}
${told?.story.ledger.map((line) => row('read back', line))}
${row('expected', expected)}<dt>found</dt><dd class="found">${found}</dd>
${!told && attempts.length > 0 && row('attempts', attempts.join(', '))}${
    links.length > 0 &&
    row(
      'traces',
      links.map(({ attempt, url }) => markup`<a href="${url}">${attempt}</a> `),
    )
  }
</dl>
${told ? told.drawing : markup`<p class="muted">The history holds no event of this intent that could be drawn.</p>`}
${told?.table}
</details>
`;
}

export function sampleHtml(dossier: Dossier, index: number): Markup {
  const { story, drawing, table } = toldOf(dossier, `sample-${index + 1}`);
  return markup`<details class="sample"><summary><span class="rule">${dossier.moment ?? ''}</span>${momentText(dossier.moment ?? '')}: ${dossier.intents.join(', ')}</summary>
<dl class="story">${row('wanted', story.wanted)}${story.ledger.map((line) => row('read back', line))}</dl>
${drawing}
${table}
</details>
`;
}

/** One schedule of a sweep, closed. */
export function scheduleHtml(about: {
  readonly id: string;
  readonly state: string;
  readonly mark: string;
  readonly title: string;
  readonly about: string;
  readonly rules: readonly string[];
  readonly dossier: Dossier;
}): Markup {
  const { drawing, table, story } = toldOf(about.dossier, about.id);
  const rules = about.rules.length > 0 && markup`<span class="rule">${about.rules.join(', ')}</span>`;
  return markup`<details class="sample schedule ${about.state}" id="${about.id}"><summary><i class="cell ${about.state}">${about.mark}</i> ${about.title} ${rules}</summary>
<p>${about.about}</p>
<dl class="story">${story.ledger.map((line) => row('read back', line))}</dl>
${drawing}
${table}
</details>
`;
}

function toldOf(dossier: Dossier, id: string): { story: Story; drawing: Markup; table: Markup } {
  const facts = factsOf(dossier);
  const story = storyOf(dossier, facts);
  const attempts = plural(facts.attempts.length, 'attempt');
  const title = `${visible(dossier.intents.join(', '))}: ${attempts}, ${plural(facts.debits.filter((debit) => debit.isOwn).length, 'debit')}; the table below tells the same in words`;
  return { story, drawing: lanesSvg(lanesOf(facts), id, title), table: stepsTable(story) };
}

function stepsTable(story: Story): Markup {
  const left = story.leftOutCount;
  return markup`<details><summary>Evidence, step by step (${plural(story.steps.length, 'step')})</summary><div class="table"><table><thead><tr><th scope="col" class="num">time</th><th scope="col">what happened</th></tr></thead><tbody>${story.steps.map(stepRow)}</tbody></table></div>${left > 0 && markup`<p class="muted">${plural(left, 'more event')} of this customer are in the history.</p>`}</details>`;
}

function stepRow(step: Step): Markup {
  return markup`<tr class="${step.tone}"><td class="num">${offset(step.offsetMs)}</td><td>${step.text}</td></tr>`;
}

function row(name: string, value: Part): Part {
  return value === undefined || value === '' ? undefined : markup`<dt>${name}</dt><dd>${value}</dd>`;
}
