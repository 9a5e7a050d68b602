/** An event as another clock would have dated it. */

import type { HistoryEvent } from './events.ts';

/** All times of the writer's clock moved by `ms`; what the server or a hook dated stays. */
export function shifted(event: HistoryEvent, ms: number): HistoryEvent {
  if (ms === 0) return event;
  switch (event.type) {
    case 'run':
      return { ...event, startedAt: event.startedAt + ms };
    case 'observe':
      return { ...event, at: event.at + ms, until: event.until + ms };
    case 'arrival':
      return {
        ...event,
        at: event.at + ms,
        ...(event.endedAt !== undefined && { endedAt: event.endedAt + ms }),
      };
    default:
      return { ...event, at: event.at + ms };
  }
}
