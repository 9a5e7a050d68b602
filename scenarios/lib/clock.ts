/** Of a script that does a part of a run: which one, and how far its clock is from the other processes'. */
import exec from 'k6/execution';
import http from 'k6/http';

import {
  CLOCK_PAUSE_MS,
  CLOCK_SAMPLES,
  clockReading,
  dateSample,
  type ClockReading,
  type ClockSample,
} from '../../harness/model/common-clock.ts';
import { now } from './events.ts';
import { pause } from './pause.ts';
import type { Settings } from './settings.ts';

/** `from:to` of the part that this process does; undefined for the whole. */
export function ownSegment(): string | undefined {
  const { executionSegment } = exec.test.options as { readonly executionSegment?: unknown };
  const text = typeof executionSegment === 'string' ? executionSegment : '';
  return text === '' || text === '0:1' ? undefined : text;
}

/** What the endpoint's own clock says, which all processes can ask. Undefined for a whole run, or without an answer. */
export async function clockOfPart(settings: Settings): Promise<ClockReading | undefined> {
  if (ownSegment() === undefined) return undefined;
  const { baseUrl } = settings.target;
  const spacingMs = 1000 / (settings.maxRequestsPerSecond ?? 1000);
  const samples: ClockSample[] = [];
  for (let asked = 0; asked < CLOCK_SAMPLES; asked++) {
    if (asked > 0) await pause(Math.max(CLOCK_PAUSE_MS, spacingMs));
    const sentAt = now();
    const response = await http.asyncRequest('GET', baseUrl, null, {
      redirects: 0,
      timeout: 2000,
      tags: { name: 'clock' },
    });
    const sample = dateSample(response.headers['Date'], sentAt, now());
    if (sample !== undefined) samples.push(sample);
    else if (asked > 1 && samples.length === 0) break;
  }
  return clockReading(samples, 'Date of the endpoint');
}
