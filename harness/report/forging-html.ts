/** A selftest on one's own endpoint as a page. Strings out. */

import type { Forging, RuleResult } from '../model/forging.ts';
import { forgingHeadline, forgingWord, foundText, RULE_MARK } from './forging.ts';
import { duration, number, timeOfDay } from './format.ts';
import { figureBoxes, page, section, stackTable } from './html-page.ts';
import { markup, type Markup } from './markup.ts';

const TONE = { caught: 'valid', missed: 'invalid', undecided: 'unknown', failed: 'invalid' } as const;
const STATE_TONE = {
  alive: 'held',
  dead: 'violated',
  unproved: 'missed',
  'not-judgeable': 'unjudged',
} as const;
const STATE_TEXT = {
  alive: 'alive',
  dead: 'a lie was not found',
  unproved: 'could not be tried',
  'not-judgeable': 'not judgeable',
} as const;

export function renderForgingHtml(forging: Forging): string {
  const { result, rules, unforged, strays, command, node, config, startedAt, durationMs } = forging;
  const count = (state: RuleResult['state']): number => rules.filter((rule) => rule.state === state).length;
  return page(`selftest of ${config}`, [
    markup`<header class="banner ${TONE[result]}"><h1><span class="word">${forgingWord(forging)}</span> ${config}</h1><p>${forgingHeadline(forging)}</p><p class="muted">${command}, Node ${node}, ${timeOfDay(startedAt)}, in ${duration(durationMs)}</p></header>`,
    figureBoxes([
      ['rules alive', number(count('alive'))],
      ['lies not found', number(count('dead'))],
      ['could not be tried', number(count('unproved'))],
      ['not judgeable', number(count('not-judgeable'))],
    ]),
    section('Rules', [
      markup`<p class="muted">Each lie was told by rewriting what the endpoint really answered; it was sent nothing more for it.</p>`,
      stackTable(
        markup`<tr><th scope="col">rule</th><th scope="col">state</th><th scope="col">what was told, and where it was found</th></tr>`,
        rules.map(ruleRow),
      ),
    ]),
    section(
      'The same traffic without a lie',
      stackTable(
        markup`<tr><th scope="col">scenario</th><th scope="col">verdict</th><th scope="col">why</th></tr>`,
        unforged.map(
          ({ scenario, verdict, why }) =>
            markup`<tr><td class="name">${scenario}</td><td class="state ${verdict}"><b>${verdict}</b></td><td class="wide">${verdict === 'valid' ? '' : why}</td></tr>`,
        ),
      ),
    ),
    strays.length > 0 &&
      section(
        'Found where nobody was lied to',
        markup`<ul>${strays.map((text) => markup`<li>${text}</li>`)}</ul>`,
      ),
  ]);
}

function ruleRow({ rule, state, why, forgeries }: RuleResult): Markup {
  const told = forgeries.map((one) => markup`<li><b>${one.name}</b> ${one.text}: ${foundText(one)}</li>`);
  return markup`<tr><td class="name"><code>${rule}</code></td><td class="state ${STATE_TONE[state]}">${RULE_MARK[state]} ${STATE_TEXT[state]}</td><td class="wide">${told.length > 0 ? markup`<ul class="plain">${told}</ul>` : why}</td></tr>`;
}
