/** Where everything on the lanes of a drawing stands: rows so that no label covers another, and arrows between them. */

import { clipped } from './format.ts';
import type { NamedLane } from './lane-names.ts';
import { Rows, type TimeScale } from './lanes-scale.ts';

export type LaneTone = 'ok' | 'fail' | 'info' | 'fault' | 'debit' | 'other' | 'wire';

export interface Lane extends NamedLane {
  readonly y: number;
  readonly height: number;
}

/** Something to point at: a bar where it has a width, a mark where it has none. Texts are plain. */
export interface Item {
  readonly shape: 'bar' | 'arrival' | 'copy' | 'lost' | 'crash' | 'debit' | 'clock';
  readonly tone: LaneTone;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly label: string;
  /** Left end of the thing that the label stands beside (or in, for a bar). */
  readonly labelX: number;
  readonly detail: string;
  /** The bar goes on beyond what is drawn, or nobody knows when it ended. */
  readonly isOpen?: boolean;
}

export interface Arrow {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly kind: 'request' | 'answer' | 'lost' | 'debit';
}

export interface LaneDrawing {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly Lane[];
  readonly items: readonly Item[];
  readonly arrows: readonly Arrow[];
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

export const ROW_HEIGHT = 30;
export const AXIS_HEIGHT = 22;
const LANE_PADDING = 7;
/** Width of a character of a label, px: labels are packed so that none covers another. */
const CHARACTER = 6.4;
const HALF_BAR = 10;

/** An item that has its row, and no y as long as lanes may still grow. */
export type Placed = Omit<Item, 'y'> & {
  readonly lane: string;
  readonly row: number;
  readonly time: number;
  readonly right: number;
};

/** Where an arrow begins or ends: at an item, `dy` px below its middle. */
export interface Anchor {
  readonly item: Placed;
  readonly dy: number;
}

export const at = (item: Placed): Anchor => ({ item, dy: 0 });
export const within = at;
export const above = (item: Placed): Anchor => ({ item, dy: -HALF_BAR });
export const below = (item: Placed): Anchor => ({ item, dy: HALF_BAR });

/** What an item is before it has its place. */
type Unplaced = Omit<Placed, 'row' | 'x' | 'width' | 'labelX' | 'right'> & {
  readonly until?: number;
  /** The bar that it stands on, where beside that there is room for its label. */
  readonly over?: Placed;
};

export class Canvas {
  readonly #scale: TimeScale;
  readonly #lanes: readonly NamedLane[];
  readonly #rows: ReadonlyMap<string, Rows>;
  readonly #items: Placed[] = [];
  readonly #arrows: {
    from: readonly [number, Anchor];
    to: readonly [number, Anchor];
    kind: Arrow['kind'];
  }[] = [];

  constructor(scale: TimeScale, lanes: readonly NamedLane[]) {
    this.#scale = scale;
    this.#lanes = lanes;
    this.#rows = new Map(lanes.map(({ name }) => [name, new Rows()]));
  }

  get items(): readonly Placed[] {
    return this.#items;
  }

  /** Rows of a lane that are in use; undefined: there is no such lane. */
  rowCount(lane: string): number | undefined {
    return this.#rows.get(lane)?.count;
  }

  /** Puts an item into the first row of its lane that is free there. */
  add(item: Unplaced): Placed {
    const { until, over, ...rest } = item;
    const x = this.#scale.x(item.time);
    const width = item.shape === 'bar' ? Math.max(8, this.#scale.x(until ?? item.time) - x) : 0;
    const label = clipped(item.label, 34);
    const textWidth = (item.shape === 'bar' ? 10 : 14) + label.length * CHARACTER;
    const rows = this.#rows.get(item.lane);
    // A crash stands on the bar that it struck when there is room beside that bar for its label.
    const isOver = over !== undefined && rows?.isFree(over.row, over.right, over.right + textWidth) === true;
    const labelX = isOver ? over.right - 8 : x;
    const left = isOver ? over.right : item.shape === 'bar' ? x : x - 9;
    const right = Math.max(x + width, labelX + textWidth) + 8;
    const row = isOver ? over.row : (rows?.freeRow(left, right) ?? 0);
    rows?.takeIn(row, left, right);
    const placed = { ...rest, label, labelX, x, width, right, row };
    this.#items.push(placed);
    return placed;
  }

  /** `from` and `to`: x and what it is at. */
  arrow(from: readonly [number, Anchor], to: readonly [number, Anchor], kind: Arrow['kind']): void {
    this.#arrows.push({ from, to, kind });
  }

  /** The whole, with every y. */
  placed(): LaneDrawing {
    const lanes: Lane[] = [];
    let y = AXIS_HEIGHT;
    for (const { name, kind } of this.#lanes) {
      const rows = this.#rows.get(name)?.count ?? 0;
      if (rows === 0 && kind === 'fault') continue;
      const height = Math.max(1, rows) * ROW_HEIGHT + 2 * LANE_PADDING;
      lanes.push({ name, kind, y, height });
      y += height;
    }
    const tops = new Map(lanes.map((lane) => [lane.name, lane.y + LANE_PADDING]));
    const middle = (item: { readonly lane: string; readonly row: number }) =>
      (tops.get(item.lane) ?? 0) + (item.row + 0.5) * ROW_HEIGHT;
    const items = this.#items.map(({ lane, row, time: _time, right: _right, ...item }): Item => ({
      ...item,
      y: middle({ lane, row }),
    }));
    const arrows = this.#arrows.map(({ from, to, kind }): Arrow => {
      const point = ([x, anchor]: readonly [number, Anchor]) => [x, middle(anchor.item) + anchor.dy] as const;
      return { from: point(from), to: point(to), kind };
    });
    const ends = this.#items.map((item) =>
      Math.max(item.x + item.width, item.labelX + 14 + item.label.length * CHARACTER),
    );
    const width = Math.ceil(Math.max(this.#scale.width, ...ends) + 12);
    return { width, height: y + 4, lanes, items, arrows, ticks: this.#scale.ticks };
  }
}
