/** verdict.json and what `--json` prints. */

import type { Verdict } from '../model/verdict.ts';

/** Two spaces, a newline at the end: a file that people also read. */
export function renderJson(verdict: Verdict): string {
  return `${JSON.stringify(verdict, null, 2)}\n`;
}
