/** The lane drawing as SVG: the names of the lanes stay in place while the drawing beside them scrolls. */

import { markup, raw, type Markup } from './markup.ts';
import { clipped } from './format.ts';
import { AXIS_HEIGHT, type Arrow, type Item, type LaneDrawing } from './lanes-canvas.ts';

const NAMES_WIDTH = 112;
const HALF_BAR = 10;

/** `title` names the drawing for those who cannot see it. Ids are unique by `id`. */
export function lanesSvg(drawing: LaneDrawing, id: string, title: string): Markup {
  return markup`<div class="lanes" data-lanes>
<svg class="lane-names" width="${NAMES_WIDTH}" height="${drawing.height}" aria-hidden="true">${drawing.lanes.map(
    (lane) =>
      markup`<text x="0" y="${lane.y + lane.height / 2}" dominant-baseline="central">${clipped(lane.name, 16)}</text>`,
  )}</svg>
<div class="lane-scroll">
<svg class="lane-drawing" width="${drawing.width}" height="${drawing.height}" viewBox="0 0 ${drawing.width} ${drawing.height}" role="group" aria-label="${title}">
<defs>${(['request', 'answer', 'debit'] as const).map((kind) => arrowHead(id, kind))}</defs>
${drawing.lanes.map(
  (lane, index) =>
    markup`<rect class="lane${index % 2 === 0 ? ' even' : ''}" x="0" y="${lane.y}" width="${drawing.width}" height="${lane.height}"/><text class="print-name" x="2" y="${lane.y + 8}">${clipped(lane.name, 24)}</text>`,
)}
${drawing.ticks.map((tick) => markup`<line class="tick" x1="${px(tick.x)}" x2="${px(tick.x)}" y1="${AXIS_HEIGHT}" y2="${drawing.height}"/><text class="tick-text" x="${px(tick.x)}" y="14">${tick.text}</text>`)}
${drawing.arrows.map((arrow) => arrowSvg(arrow, id))}
${drawing.items.map((item, index) => itemSvg(item, index === 0))}
</svg>
</div>
<output class="lane-detail">Point at, tap or focus a part of the drawing (arrow keys move) to read what it is.</output>
</div>`;
}

function arrowHead(id: string, kind: 'request' | 'answer' | 'debit'): Markup {
  return markup`<marker id="${id}-${kind}" class="head ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 8 4 0 7.2z"/></marker>`;
}

function arrowSvg({ from, to, kind }: Arrow, id: string): Markup {
  // A lost answer has no head: it ends at its mark.
  const head = kind === 'lost' ? undefined : markup` marker-end="url(#${id}-${kind})"`;
  return markup`<line class="arrow ${kind}" x1="${px(from[0])}" y1="${px(from[1])}" x2="${px(to[0])}" y2="${px(to[1])}"${head}/>`;
}

function itemSvg(item: Item, isFirst: boolean): Markup {
  const textX = item.labelX + (item.shape === 'bar' ? 6 : 11);
  return markup`<g class="item ${item.shape} ${item.tone}${item.isOpen === true && ' open'}" tabindex="${isFirst ? 0 : -1}" role="img" aria-label="${item.detail}">${hitArea(item)}${shapeSvg(item)}<text x="${px(textX)}" y="${px(item.y)}" dominant-baseline="central">${item.label}</text></g>\n`;
}

/** What pointer and finger can hit: shape and label together, not the thin strokes alone. */
function hitArea({ shape, x, y, width, labelX, label }: Item): Markup {
  const left = shape === 'bar' ? x : x - 10;
  const right = Math.max(x + width, labelX + 12 + label.length * 6);
  return markup`<rect class="hit" x="${px(left)}" y="${px(y - 14)}" width="${px(right - left)}" height="28"/>`;
}

function shapeSvg({ shape, x, y, width }: Item): Markup {
  if (shape === 'bar')
    return markup`<rect x="${px(x)}" y="${px(y - HALF_BAR)}" width="${px(width)}" height="${2 * HALF_BAR}" rx="4"/>`;
  if (shape === 'arrival') return markup`<circle cx="${px(x)}" cy="${px(y)}" r="5"/>`;
  if (shape === 'copy') return path(`M${px(x - 5)} ${px(y - 5)}h10v10h-10z`);
  if (shape === 'debit') return path(`M${px(x)} ${px(y - 8)}l8 8-8 8-8-8z`);
  if (shape === 'clock')
    return path(`M${px(x - 7)} ${px(y)}a7 7 0 1 0 14 0a7 7 0 1 0-14 0M${px(x)} ${px(y - 4)}v4h3.5`);
  const cross = `M${px(x - 6)} ${px(y - 6)}l12 12m0-12l-12 12`;
  return path(cross);
}

function path(data: string): Markup {
  return raw(`<path d="${data}"/>`);
}

function px(value: number): number {
  return Math.round(value * 10) / 10;
}
