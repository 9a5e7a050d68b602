/** The grid of a sweep on the page, and beneath it each schedule with its lanes: a click on a cell opens its own. */

import type { SweepSummary } from '../model/verdict.ts';
import { KIND_TEXT } from '../model/stand.ts';
import type { Evidence } from './evidence.ts';
import {
  coverageText,
  gridOf,
  KIND_SHORT,
  STATE_MARK,
  STATE_TEXT,
  type CellState,
  type GridCell,
  type GridGroup,
  type GridRow,
} from './grid.ts';
import { scheduleHtml } from './html-violation.ts';
import { markup, type Markup, type Part } from './markup.ts';

const LEGEND = ['held', 'serialised', 'queued', 'unstable', 'unreached', 'broken'] as const;

export function gridHtml(sweep: SweepSummary): Markup {
  const { kinds, groups } = gridOf(sweep);
  const states = new Set<CellState>(
    groups.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.map(({ state }) => state))),
  );
  const heads = kinds.map(
    (kind) =>
      markup`<th scope="col" class="sweep-kind" title="${KIND_TEXT[kind]}"><span>${KIND_SHORT[kind]}</span></th>`,
  );
  return markup`<p class="sweep-sum"><b>${coverageText(sweep)}</b>: each cell is one request, stood at once.</p>
<div class="table"><table class="sweep">
<thead><tr><th scope="col" class="sweep-corner"><span class="muted">message to the store</span></th>${heads}</tr></thead>
${groups.map((group) => groupHtml(group, kinds.length))}
</table></div>
<ul class="sweep-legend">${LEGEND.filter((state) => states.has(state)).map(
    (state) => markup`<li><i class="cell ${state}">${STATE_MARK[state]}</i> ${STATE_TEXT[state]}</li>`,
  )}</ul>
${leftHtml(sweep)}`;
}

function groupHtml({ title, rows }: GridGroup, columns: number): Markup {
  return markup`<tbody><tr class="sweep-way"><th scope="rowgroup" colspan="${columns + 1}">${title}</th></tr>${rows.map(rowHtml)}</tbody>
`;
}

function rowHtml({ spot, cells }: GridRow): Markup {
  const door = spot.door !== 'server' && markup`<span class="sweep-door">${spot.door}</span>`;
  return markup`<tr><th scope="row"><span class="sweep-k">${spot.k}</span>${door}<code title="${spot.name}">${spot.name}</code></th>${cells.map(cellHtml)}</tr>
`;
}

function cellHtml({ state, stand, kind, rules }: GridCell): Markup {
  if (state === 'none' || stand === undefined) return markup`<td></td>`;
  const broken = rules.length > 0 ? `; broken: ${rules.join(', ')}` : '';
  const text = `${stand.name}: ${KIND_TEXT[kind]}; ${STATE_TEXT[state]}${broken}`;
  if (state === 'unreached')
    return markup`<td><span class="cell ${state}" title="${text}">${STATE_MARK[state]}</span></td>`;
  return markup`<td><a class="cell ${state}" href="#stand-${stand.id}" title="${text}" aria-label="${text}">${STATE_MARK[state]}</a></td>`;
}

function leftHtml({ left }: SweepSummary): Part {
  if (left.length === 0) return undefined;
  return markup`<p class="muted">Not to be had here: ${left.map(({ kind, why }, index) => markup`${index > 0 && '; '}${kind} (${why})`)}.</p>`;
}

/** Every schedule, closed; the script opens the one that a cell leads to. */
export function schedulesHtml(sweep: SweepSummary, evidence: Evidence): Part {
  const byId = new Map(evidence.dossiers.map((dossier) => [dossier.id, dossier]));
  return sweep.stands.flatMap((stand) => {
    const dossier = byId.get(`s:${stand.id}`);
    if (dossier === undefined) return [];
    const state = stand.broken === undefined ? stand.state : 'broken';
    const title = `${KIND_SHORT[stand.kind]} · ${stand.k} ${stand.name}`;
    return [
      scheduleHtml({
        id: `stand-${stand.id}`,
        state,
        mark: STATE_MARK[state],
        title,
        about: `At message ${stand.k} (${stand.name}) ${KIND_TEXT[stand.kind]}.`,
        rules: stand.broken ?? [],
        dossier,
      }),
    ];
  });
}
