/**
 * Latency over time as one drawing: quantiles on a logarithmic axis, counts below, fault windows shaded.
 * The curves are stretched to the page's width, the texts are HTML beside them and keep their size. Pure.
 */

import type { FaultKind } from '../history/events.ts';
import type { Evidence } from './evidence.ts';
import type { FaultWindow } from './evidence-faults.ts';
import type { LatencyBucket } from './evidence-latency.ts';
import { duration, number, offset } from './format.ts';
import { markup, raw, scriptJson, type Markup } from './markup.ts';
import { faultText } from './story.ts';

const WIDTH = 1000;
const HEIGHT = 240;
const COUNT_HEIGHT = 70;
const QUANTILES = ['p50', 'p90', 'p99', 'max'] as const;
const OUTCOMES = ['ok', 'fail', 'info'] as const;
const KINDS: readonly FaultKind[] = ['edge', 'store-path', 'server', 'store', 'clock'];
const KIND_TEXT: Readonly<Record<FaultKind, string>> = {
  edge: 'client to server',
  'store-path': 'server to store',
  server: 'server',
  store: 'store',
  clock: 'clock',
};
/** More rows than this make nobody wiser; the page says how many there are. */
const MAX_FAULT_ROWS = 60;
const THROUGHOUT = 0.75;

interface Frame {
  readonly startAt: number;
  readonly spanMs: number;
  /** Bounds of the latency axis, ms, powers of ten. */
  readonly low: number;
  readonly high: number;
}

/** The whole figure, or a sentence where the history held no answered attempt. */
export function latencyChart(evidence: Evidence): Markup {
  const { buckets } = evidence.latency;
  if (buckets.length === 0) return markup`<p class="muted">The history holds no completed attempt.</p>`;
  const frame = frameOf(evidence);
  const windows = evidence.faults.filter((fault) => !isThroughout(fault, frame));
  const kinds = KINDS.filter((kind) => windows.some((fault) => fault.kind === kind));
  return markup`<figure class="chart" data-chart tabindex="0" aria-label="Latency over time. Left and right arrow keys move through the moments.">
${legend(kinds)}
<div class="plot-row"><div class="y-axis" aria-hidden="true">${yTicks(frame).map(({ text, top }) => markup`<span style="top:${top}%">${text}</span>`)}</div>
<div class="plot">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
${windows.map((fault) => shade(fault, frame, HEIGHT))}
${yTicks(frame).map(({ top }) => markup`<line class="grid" x1="0" x2="${WIDTH}" y1="${(top / 100) * HEIGHT}" y2="${(top / 100) * HEIGHT}"/>`)}
${QUANTILES.toReversed().map((name) => raw(curve(buckets, name, frame)))}
</svg>
<svg class="counts" viewBox="0 0 ${WIDTH} ${COUNT_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
${windows.map((fault) => shade(fault, frame, COUNT_HEIGHT))}
${countBars(buckets, evidence.latency.bucketMs, frame)}
</svg>
<div class="fault-rows">${kinds.map((kind) => faultStrip(kind, windows, frame))}</div>
<div class="crosshair" hidden></div>
</div></div>
<div class="x-axis" aria-hidden="true">${xTicks(frame).map(({ text, left }) => markup`<span style="left:${left}%">${text}</span>`)}</div>
<output class="chart-value">Point at, tap or use the arrow keys to read the values of a moment.</output>
<script type="application/json">${scriptJson(chartData(evidence, frame))}</script>
</figure>
${throughoutText(evidence.faults.filter((fault) => isThroughout(fault, frame)))}`;
}

/** The fault windows as a table. */
export function faultTable(evidence: Evidence): Markup {
  const { faults, startedAt } = evidence;
  if (faults.length === 0) return markup`<p class="muted">No fault was injected.</p>`;
  const rows = faults.slice(0, MAX_FAULT_ROWS).map((fault) => {
    const length = fault.endAt === undefined ? 'until the end' : duration(fault.endAt - fault.startAt);
    const many = fault.count > 1 ? ` (${number(fault.count)} in a row)` : '';
    return markup`<tr><td class="num">${offset(fault.startAt - startedAt)}</td><td class="num">${length}</td><td>${faultText(fault)}${many}</td><td>${KIND_TEXT[fault.kind]}</td></tr>`;
  });
  const rest = faults.length - rows.length;
  return markup`<details><summary>Faults (${number(faults.length)})</summary><div class="table"><table><thead><tr><th scope="col" class="num">start</th><th scope="col" class="num">length</th><th scope="col">fault</th><th scope="col">place</th></tr></thead><tbody>${rows}</tbody></table></div>${rest > 0 && markup`<p class="muted">${number(rest)} more are in the history.</p>`}</details>`;
}

/** A fault that was on all the time would shade everything and so show nothing. */
function isThroughout(fault: FaultWindow, frame: Frame): boolean {
  const endAt = fault.endAt ?? frame.startAt + frame.spanMs;
  return endAt - fault.startAt >= THROUGHOUT * frame.spanMs;
}

function throughoutText(faults: readonly FaultWindow[]): Markup | undefined {
  if (faults.length === 0) return undefined;
  const names = [...new Set(faults.map((fault) => `${faultText(fault)}${shareText(fault)}`))];
  return markup`<p class="muted">On during the whole run, and not shaded: ${names.join(', ')}.</p>`;
}

/** The part of the requests that a rule is meant to hit. */
function shareText({ detail }: FaultWindow): string {
  const share = detail?.['share'];
  return typeof share === 'number' ? ` (${number(share * 100)} %)` : '';
}

function frameOf(evidence: Evidence): Frame {
  const { buckets, bucketMs } = evidence.latency;
  const first = buckets[0]?.at ?? evidence.startedAt;
  const startAt = Math.min(evidence.startedAt, first);
  const lastAt = Math.max(evidence.endedAt, (buckets.at(-1)?.at ?? first) + bucketMs);
  const values = buckets.flatMap((bucket) => [bucket.p50, bucket.max]).filter((value) => value !== undefined);
  const smallest = Math.max(
    0.1,
    values.reduce((a, b) => Math.min(a, b), Infinity),
  );
  const largest = values.reduce((a, b) => Math.max(a, b), 1);
  const low = Number.isFinite(smallest) ? 10 ** Math.floor(Math.log10(smallest)) : 1;
  const high = Math.max(low * 10, 10 ** Math.ceil(Math.log10(largest)));
  return { startAt, spanMs: Math.max(1, lastAt - startAt), low, high };
}

function xOf(at: number, frame: Frame): number {
  return round(Math.min(WIDTH, Math.max(0, ((at - frame.startAt) / frame.spanMs) * WIDTH)));
}

/** 0 at the top of the axis, 1 at its foot. */
function depthOf(ms: number, frame: Frame): number {
  const share = Math.log(Math.max(ms, frame.low) / frame.low) / Math.log(frame.high / frame.low);
  return 1 - Math.min(1, share);
}

function curve(buckets: readonly LatencyBucket[], name: (typeof QUANTILES)[number], frame: Frame): string {
  const half = (buckets.length > 1 ? frame.spanMs : 0) / 2 / Math.max(1, buckets.length);
  const points = buckets.flatMap((bucket) => {
    const value = bucket[name];
    return value === undefined
      ? []
      : [`${xOf(bucket.at + half, frame)} ${round(depthOf(value, frame) * HEIGHT)}`];
  });
  // A single point has no line: a stroke of no length with round caps is a dot.
  const path = points.length === 1 ? `${points[0] ?? ''}h0.01` : points.join('L');
  return points.length === 0 ? '' : `<path class="series ${name}" d="M${path}"/>`;
}

function countBars(buckets: readonly LatencyBucket[], bucketMs: number, frame: Frame): Markup[] {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.ok + bucket.fail + bucket.info));
  const width = round(Math.max(1.5, (bucketMs / frame.spanMs) * WIDTH * 0.86));
  const paths: Record<(typeof OUTCOMES)[number], string> = { ok: '', fail: '', info: '' };
  for (const bucket of buckets) {
    let top = COUNT_HEIGHT;
    for (const name of OUTCOMES) {
      const height = round((bucket[name] / most) * (COUNT_HEIGHT - 6));
      top = round(top - height);
      if (height > 0) paths[name] += `M${xOf(bucket.at, frame)} ${top}h${width}v${height}h-${width}z`;
    }
  }
  return OUTCOMES.map((name) => raw(`<path class="count ${name}" d="${paths[name]}"/>`));
}

function shade(fault: FaultWindow, frame: Frame, height: number): Markup {
  const [x, width] = spanOf(fault, frame);
  return raw(`<rect class="shade ${fault.kind}" x="${x}" y="0" width="${width}" height="${height}"/>`);
}

function faultStrip(kind: FaultKind, faults: readonly FaultWindow[], frame: Frame): Markup {
  const bars = faults
    .filter((fault) => fault.kind === kind)
    .map((fault) => {
      const [x, width] = spanOf(fault, frame);
      return raw(`<rect class="solid ${kind}" x="${x}" y="0" width="${width}" height="8"/>`);
    });
  return markup`<svg viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>`;
}

function spanOf(fault: FaultWindow, frame: Frame): [number, number] {
  const x = xOf(fault.startAt, frame);
  const end = xOf(fault.endAt ?? frame.startAt + frame.spanMs, frame);
  return [Math.min(x, WIDTH - 2), Math.max(2, round(end - x))];
}

function legend(kinds: readonly FaultKind[]): Markup {
  const series = [
    ...QUANTILES.map((name) => [name, 'line'] as const),
    ...OUTCOMES.map((name) => [name, 'box'] as const),
  ];
  return markup`<figcaption class="legend">${series.map(([name, shape]) => markup`<label class="key ${name}"><input type="checkbox" checked data-series="${name}"><i class="${shape}"></i>${name}</label>`)}${kinds.map((kind) => markup`<span class="key ${kind}"><i class="box"></i>fault: ${KIND_TEXT[kind]}</span>`)}</figcaption>`;
}

function yTicks(frame: Frame): { text: string; top: number }[] {
  const ticks = [];
  for (let value = frame.low; value <= frame.high * 1.001; value *= 10)
    ticks.push({
      text: value < 1000 ? `${round(value)} ms` : `${number(value / 1000)} s`,
      top: round(depthOf(value, frame) * 100),
    });
  return ticks;
}

/** About five round moments. */
function xTicks(frame: Frame): { text: string; left: number }[] {
  const steps = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  ];
  const step =
    steps.find((one) => frame.spanMs / one <= 5) ?? Math.ceil(frame.spanMs / 5 / 600_000) * 600_000;
  const ticks = [];
  for (let time = 0; time <= frame.spanMs; time += step)
    ticks.push({ text: time === 0 ? '0' : duration(time), left: round((time / frame.spanMs) * 100) });
  return ticks;
}

/** What the page's script needs: position in per cent, and the text of each moment. */
function chartData(evidence: Evidence, frame: Frame): readonly (readonly [number, string])[] {
  const { buckets, bucketMs } = evidence.latency;
  return buckets.map((bucket) => {
    const left = round(xOf(bucket.at + bucketMs / 2, frame) / 10);
    return [left, momentValues(bucket, bucketMs, evidence, frame)] as const;
  });
}

function momentValues(bucket: LatencyBucket, bucketMs: number, evidence: Evidence, frame: Frame): string {
  const { p50, p90, p99, max } = bucket;
  const times =
    p50 === undefined || p90 === undefined || p99 === undefined || max === undefined
      ? 'nothing answered'
      : `p50 ${duration(p50)}, p90 ${duration(p90)}, p99 ${duration(p99)}, max ${duration(max)}`;
  const on = evidence.faults.filter(
    (fault) =>
      !isThroughout(fault, frame) &&
      fault.startAt <= bucket.at + bucketMs &&
      (fault.endAt ?? Infinity) >= bucket.at,
  );
  const names = [...new Set(on.map(faultText))];
  const few = names.slice(0, 4).join(', ') + (names.length > 4 ? `, ${names.length - 4} more` : '');
  const faults = names.length === 0 ? '' : `; faults on: ${few}`;
  return `${offset(bucket.at - frame.startAt)}: ${times}; ${number(bucket.ok)} ok, ${number(bucket.fail)} fail, ${number(bucket.info)} info${faults}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
