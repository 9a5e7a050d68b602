/** Judges a history of so many events that is made as it is read, and tells how much memory it took. */

import { Checker } from '../harness/checker/checker.ts';
import { benchEvents } from './history.ts';

export interface Task {
  readonly events: number;
}

export interface Judged {
  readonly events: number;
  /** CPU time. */
  readonly ms: number;
  /** Most that the process ever held. */
  readonly peakMb: number;
  readonly verdict: string;
}

process.once('message', (task) => process.send?.(judge(task as Task)));

function judge({ events: wanted }: Task): Judged {
  // A customer of the history has 21 lines; the last ones are read to their end.
  const LINES = 21;
  const checker = new Checker();
  let events = 0;
  for (const event of benchEvents(Math.ceil(wanted / LINES) + 1)) {
    checker.push(event);
    events += 1;
  }
  const { verdict } = checker.finish();
  const { user, system } = process.cpuUsage();
  return { events, ms: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024, verdict };
}
