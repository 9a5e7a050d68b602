/** A detection matrix as a page of its own. Strings out. */

import { wayName, type Detection, type DetectionRow, type WayFigures } from '../model/detection.ts';
import {
  detectionHeadline,
  notRunTexts,
  onSeeds,
  RESULT_WORD,
  rightTotals,
  ruleOf,
  soon,
  STATE_MARK,
  waysOf,
} from './detection.ts';
import { duration, number, timeOfDay } from './format.ts';
import { figureBoxes, page, section, stackTable } from './html-page.ts';
import { markup, type Markup, type Part } from './markup.ts';

const TONE = { caught: 'valid', missed: 'invalid', undecided: 'unknown', failed: 'invalid' } as const;
const STATE_TONE = { caught: 'held', missed: 'violated', undecided: 'missed' } as const;

export function renderDetectionHtml(detection: Detection): string {
  const { result, rows, alarms, command, commit, node, startedAt, durationMs, cells, seeds } = detection;
  const { runs, alarms: wrong } = rightTotals(detection);
  const made = `${command}${commit === undefined ? '' : `, commit ${commit}`}, Node ${node}, ${timeOfDay(startedAt)}`;
  return page('selftest', [
    markup`<header class="banner ${TONE[result]}"><h1><span class="word">${RESULT_WORD[result]}</span></h1><p>${detectionHeadline(detection)}</p><p class="muted">${made}</p></header>`,
    figureBoxes([
      ['defects', number(rows.length)],
      ['caught', number(rows.filter(({ state }) => state === 'caught').length)],
      ['runs of the right server', number(runs)],
      ['false alarms', number(wrong)],
      ['seeds', number(seeds.length)],
      ['cells', number(cells.length)],
      ['lasted', duration(durationMs)],
    ]),
    section('Wrong editions', defectTable(rows)),
    rows.some(({ ways }) => ways.length > 1) && section('Every way', wayTable(detection)),
    section('The right server', rightTable(detection)),
    alarms.length > 0 &&
      section(
        'Runs of the right server that were not valid',
        markup`<ul>${alarms.map(
          ({ way, seed, verdict, why, dir }) =>
            markup`<li><b>${verdict}</b> ${wayName(way)}, seed ${seed}: ${why}${dir !== undefined && markup` <code>${dir}</code>`}</li>`,
        )}</ul>`,
      ),
    notRun(detection),
  ]);
}

function defectTable(rows: readonly DetectionRow[]): Markup {
  const head = markup`<tr><th scope="col">defect</th><th scope="col">caught</th><th scope="col">by</th><th scope="col">cheapest way</th><th scope="col" class="num">after</th><th scope="col">what it does, and why one would write it</th></tr>`;
  return stackTable(
    head,
    rows.map((row) => {
      const { defect, cheapest, state } = row;
      const classes = `class ${defect.bugClasses.join(', ')}${defect.needs.length > 0 ? `; needs ${defect.needs.join(', ')}` : ''}`;
      return markup`<tr><td class="name"><code>${defect.name}</code></td><td class="state ${STATE_TONE[state]}">${STATE_MARK[state]} ${onSeeds(row)}</td><td class="name free">${ruleOf(row)}</td><td class="name free">${cheapest?.way ?? wayName(defect.way)}</td><td class="num" data-label="after">${cheapest === undefined ? '–' : soon(cheapest)}</td><td class="wide">${defect.description}<br><span class="muted">${defect.reason !== undefined && `${defect.reason} `}(${classes})</span></td></tr>`;
    }),
  );
}

/** One row a defect, one column a way: in the cell the seeds on which it was caught. */
function wayTable(detection: Detection): Markup {
  const ways = waysOf(detection);
  const heads = ways.map((way) => markup`<th scope="col" class="sweep-kind"><span>${way}</span></th>`);
  const rows = detection.rows.map(
    ({ defect, ways: own }) =>
      markup`<tr><th scope="row"><code>${defect.name}</code></th>${ways.map((way) => wayCell(own.find((one) => one.way === way)))}</tr>`,
  );
  return markup`<p class="muted">Seeds on which it was caught, of those looked at. No scenario has to catch everything.</p><div class="table"><table class="sweep"><thead><tr><th scope="col" class="sweep-corner"></th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function wayCell(figures: WayFigures | undefined): Markup {
  if (figures === undefined) return markup`<td></td>`;
  const { caught, seeds, rule } = figures;
  const tone = caught === seeds ? 'held' : caught > 0 ? 'unstable' : 'unreached';
  const title = rule === undefined ? 'not caught' : `${rule}, ${soon(figures)}`;
  return markup`<td><span class="cell wide ${tone}" title="${title}">${caught}/${seeds}</span></td>`;
}

function rightTable({ right }: Detection): Markup {
  const head = markup`<tr><th scope="col">way</th><th scope="col">state</th><th scope="col" class="num">runs</th><th scope="col" class="num">valid</th><th scope="col" class="num">false alarms</th><th scope="col" class="num">unknown</th></tr>`;
  return stackTable(
    head,
    right.map(({ way, runs, valid, alarms, unknown }) => {
      const state = alarms > 0 ? 'violated' : unknown > 0 ? 'missed' : 'held';
      const word = { violated: '✗ false alarm', missed: '? unknown', held: '✓ valid' }[state];
      return markup`<tr><td class="name">${way}</td><td class="state ${state}">${word}</td><td class="num" data-label="runs">${runs}</td><td class="num" data-label="valid">${valid}</td><td class="num" data-label="false alarms">${alarms}</td><td class="num" data-label="unknown">${unknown}</td></tr>`;
    }),
  );
}

function notRun(detection: Detection): Part {
  const texts = notRunTexts(detection);
  return (
    texts.length > 0 && section('Not run', markup`<ul>${texts.map((text) => markup`<li>${text}</li>`)}</ul>`)
  );
}
