/**
 * What must be known of a line before anybody reads it whole: what it is, when it was, whose it is. Lines as our writers
 * make them are looked at where it stands; any other is parsed. Whoever parses the line later holds it against this.
 */

import { checkEvent } from '../../history/codec.ts';
import type { EventType } from '../../history/schema.ts';
import type { HistoryEvent } from '../../history/events.ts';

export interface Facts {
  type: EventType;
  /** By the writer's own clock, ms. A run has none. */
  at: number;
  customer: string;
  attempt: string | undefined;
  /** As it was sent, of an invoke only. */
  key: string | readonly string[] | undefined;
  isRewards: boolean;
  /** Where the line was parsed. */
  event: HistoryEvent | undefined;
  /** Parses it now. Throws for what is no event. */
  readonly parse: () => HistoryEvent;
}

export class Scanner {
  readonly facts: Facts = {
    type: 'end',
    at: 0,
    customer: '',
    attempt: '',
    key: undefined,
    isRewards: false,
    event: undefined,
    parse: () => this.#parsed(),
  };
  #text = '';
  #bytes: Buffer = Buffer.alloc(0);
  #isPlain = true;
  #at = 0;
  #start = 0;
  #end = 0;

  /** The piece that the next lines stand in. `text`: a character a byte. `isPlain`: all of it is ASCII. */
  load(bytes: Buffer, text: string, isPlain: boolean): void {
    this.#bytes = bytes;
    this.#text = text;
    this.#isPlain = isPlain;
  }

  /** Throws for what is no event. */
  scan(start: number, end: number): Facts {
    const { facts } = this;
    facts.event = undefined;
    this.#start = start;
    this.#end = end;
    if (this.#scanned(start, end)) return facts;
    const event = this.#parsed();
    facts.event = event;
    facts.type = event.type;
    facts.at = event.type === 'run' ? -Infinity : event.at;
    facts.customer = 'customer' in event ? (event.customer ?? '') : '';
    facts.attempt = 'attempt' in event ? event.attempt : undefined;
    facts.key = event.type === 'invoke' ? event.key : undefined;
    facts.isRewards = event.type === 'observe' && event.what === 'rewards';
    return facts;
  }

  #parsed(): HistoryEvent {
    return (
      this.facts.event ?? checkEvent(JSON.parse(this.#bytes.toString('utf8', this.#start, this.#end)), '')
    );
  }

  #scanned(start: number, end: number): boolean {
    const text = this.#text;
    if (text.startsWith(INVOKE, start)) return this.#invoke(start + INVOKE.length, end);
    if (text.startsWith(ARRIVAL, start)) return this.#arrival(start + ARRIVAL.length, end);
    if (text.startsWith(COMPLETE, start)) return this.#complete(start + COMPLETE.length, end);
    if (text.startsWith(OBSERVE, start)) return this.#observe(start + OBSERVE.length, end);
    return false;
  }

  #invoke(from: number, end: number): boolean {
    const { facts } = this;
    facts.type = 'invoke';
    facts.at = this.#number(from);
    const attempt = this.#named(',"attempt":"', this.#at, end);
    const intent = attempt === undefined ? undefined : this.#named(',"intent":"', this.#at, end);
    if (attempt === undefined || intent === undefined) return false;
    facts.key = undefined;
    if (this.#text.startsWith(',"key":"', this.#at)) {
      facts.key = this.#named(',"key":"', this.#at, end);
      if (facts.key === undefined) return false;
    }
    const customer = this.#named(',"customer":"', this.#at, end);
    if (customer === undefined) return false;
    facts.attempt = attempt;
    facts.customer = customer;
    return true;
  }

  #complete(from: number, end: number): boolean {
    const { facts } = this;
    facts.type = 'complete';
    facts.at = this.#number(from);
    const attempt = this.#named(',"attempt":"', this.#at, end);
    if (attempt === undefined) return false;
    facts.attempt = attempt;
    return true;
  }

  #arrival(from: number, end: number): boolean {
    const { facts } = this;
    facts.type = 'arrival';
    facts.at = this.#number(from);
    if (this.#named(',"hop":"', this.#at, end) === undefined) return false;
    const attempt = this.#named(',"attempt":"', this.#at, end);
    if (attempt === undefined) return false;
    facts.attempt = attempt;
    return true;
  }

  #observe(from: number, end: number): boolean {
    const { facts } = this;
    facts.type = 'observe';
    facts.at = this.#number(from);
    if (!this.#text.startsWith(UNTIL, this.#at)) return false;
    this.#number(this.#at + UNTIL.length);
    const customer = this.#named(',"customer":"', this.#at, end);
    const via = customer === undefined ? undefined : this.#named(',"via":"', this.#at, end);
    const what = via === undefined ? undefined : this.#named(',"what":"', this.#at, end);
    if (customer === undefined || what === undefined) return false;
    facts.customer = customer;
    facts.isRewards = what === 'rewards';
    return true;
  }

  /** The text of a member that must stand at this very place; undefined where it does not, or holds an escape. */
  #named(member: string, from: number, end: number): string | undefined {
    if (!this.#text.startsWith(member, from)) return undefined;
    const begin = from + member.length;
    const close = this.#text.indexOf('"', begin);
    if (close === -1 || close >= end) return undefined;
    const value = this.#text.slice(begin, close);
    if (value.includes('\\') || (!this.#isPlain && !ASCII.test(value))) return undefined;
    this.#at = close + 1;
    return value;
  }

  /** A number as JSON has it, up to where it ends; NaN for what is none. */
  #number(from: number): number {
    const text = this.#text;
    let at = from;
    let digits = 0;
    let scale = 0;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) {
        digits = digits * 10 + (code - 48);
        if (scale > 0) scale *= 10;
      } else if (code === 46 && scale === 0) scale = 1;
      else break;
    }
    this.#at = at;
    // Exact where whole and power of ten are: the division is then rounded once, as a reader of JSON does.
    if (digits <= Number.MAX_SAFE_INTEGER && scale <= 1e15) return scale > 1 ? digits / scale : digits;
    return Number(text.slice(from, at));
  }
}

const ASCII = /^[\x20-\x7e]*$/;
const INVOKE = '{"type":"invoke","at":';
const ARRIVAL = '{"type":"arrival","at":';
const COMPLETE = '{"type":"complete","at":';
const OBSERVE = '{"type":"observe","at":';
const UNTIL = ',"until":';
