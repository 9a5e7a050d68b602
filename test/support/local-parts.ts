/** Parts of a checker in this thread: what they are told is copied as it is between threads, and done a little later. */

import { Crew, type CrewOptions } from '../../harness/checker/cores/crew.ts';
import { heard } from '../../harness/checker/cores/hear.ts';
import type { FromPart, PartPort, ToPart } from '../../harness/checker/cores/messages.ts';
import { Part } from '../../harness/checker/cores/part.ts';

/** `shelfBytes`: the longest line that fits. */
export function localCrew(
  parts: number,
  files: number,
  options: CrewOptions & { readonly shelfBytes?: number } = {},
): Crew {
  const shelves = Array.from(
    { length: files + 2 },
    () => new SharedArrayBuffer(options.shelfBytes ?? 256 * 1024),
  );
  const ports = Array.from({ length: parts }, (): PartPort => {
    const part = new Part(shelves);
    let hear: (message: FromPart) => void = () => undefined;
    return {
      listen: (listener) => {
        hear = listener;
      },
      send: (message) => {
        const copy: ToPart = structuredClone(message);
        setImmediate(() => hear(structuredClone(heard(part, copy))));
      },
      close: () => Promise.resolve(),
    };
  });
  return new Crew(ports, shelves, options);
}
