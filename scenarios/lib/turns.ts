/** Whose turn it is: requests wait until the pace of their VU lets them go. */
import { now } from './events.ts';
import { Pace } from './pace.ts';
import { pause } from './pause.ts';
import type { Story } from './story.ts';

const byVu = new Map<number, Pace>();
const byStory = new WeakMap<Story, Pace>();

/** Puts a story under its VU's pace: `maxRequestsPerSecond` shared out among `vus`. */
export function keepPace(story: Story, vu: number, vus: number): void {
  const { maxRequestsPerSecond } = story.settings;
  if (maxRequestsPerSecond === undefined) return;
  const pace = byVu.get(vu) ?? new Pace((1000 * vus) / maxRequestsPerSecond);
  byVu.set(vu, pace);
  byStory.set(story, pace);
}

/** The turn of the next request; undefined: at once. */
export function turnOf(story: Story, together?: number): Promise<void> | undefined {
  const waitMs = byStory.get(story)?.waitMs(now(), together) ?? 0;
  return waitMs > 0 ? pause(waitMs) : undefined;
}
