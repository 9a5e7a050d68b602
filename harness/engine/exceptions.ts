/** What a script threw, counted by message and place. */
import type { ScriptException } from '../model/verdict.ts';

/** So many kinds are kept apart; a script that makes up messages must not fill the report. */
const MOST_KINDS = 20;
const MOST_CHARACTERS = 500;

export class Exceptions {
  private readonly counts = new Map<string, { message: string; place: string | undefined; count: number }>();
  private others = 0;
  private readonly onAdd: ((text: string) => void) | undefined;

  /** `onAdd`: who keeps them instead. */
  constructor(onAdd?: (text: string) => void) {
    this.onAdd = onAdd;
  }

  /** `text`: name and message, and then a line for each place, the innermost first (`\tat redeem (file:1:2)`). */
  add(text: string): void {
    if (this.onAdd !== undefined) {
      this.onAdd(text);
      return;
    }
    const at = text.indexOf('\n\tat ');
    const message = (at === -1 ? text : text.slice(0, at)).slice(0, MOST_CHARACTERS);
    const place = at === -1 ? undefined : text.slice(at + 5).split('\n', 1)[0];
    const key = JSON.stringify([message, place]);
    const known = this.counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.counts.size < MOST_KINDS) this.counts.set(key, { message, place, count: 1 });
    else this.others++;
  }

  /** Undefined when there was none. */
  get all(): readonly ScriptException[] | undefined {
    const kinds = [...this.counts.values()].map(({ message, place, count }) => ({
      message,
      ...(place !== undefined && { place }),
      count,
    }));
    if (this.others > 0) kinds.push({ message: 'others', count: this.others });
    return kinds.length === 0 ? undefined : kinds;
  }
}
