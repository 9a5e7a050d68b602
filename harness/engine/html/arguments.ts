/** A script's arguments as Go gets them. */
import { asText } from '../k6/text.ts';

/** A text; one that is not given is empty. */
export function textAt(given: readonly unknown[], index: number): string {
  return given.length > index ? asText(given[index]) : '';
}

/** A whole number; one that is not given, or is none, is 0. */
export function wholeAt(given: readonly unknown[], index: number): number {
  return Math.trunc(Number(given[index])) || 0;
}
