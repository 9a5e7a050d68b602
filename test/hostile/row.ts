/** One hostile input, and what must come of it. */

export interface Row<Input> {
  /** What is hostile in it. No two of one surface differ in a value only. */
  readonly title: string;
  readonly input: Input;
  /** The exit code of the command, or the status of the answer where a surface has no command of its own. */
  readonly code: number;
  /** Found in the one line that is told. */
  readonly line: RegExp;
}

/** Short to write, so that a table reads as one. */
export function row<Input>(title: string, input: Input, code: number, line: RegExp): Row<Input> {
  return { title, input, code, line };
}
