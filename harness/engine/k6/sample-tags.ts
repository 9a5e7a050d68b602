/** Tags that a script gives with a sample: read at the call, and only what k6 takes for one. */
import type { Tagged } from './metrics.ts';

/** Throws k6's words for a value that can be no tag; `what` names it. A VU's tags throw a TypeError, those of a sample an error of Go's. */
export function mustBeTag(
  value: unknown,
  what: string,
  kind: 'tag' | 'metadata',
  Thrown: ErrorConstructor = TypeError,
): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return;
  throw new Thrown(
    `invalid value for metric ${what}: only String, Boolean and Number types are accepted as a metric ${kind} value${kind === 'tag' ? 's' : ''}`,
  );
}

/** A sample's own tags over those of whoever adds it. Throws for a value that can be no tag. */
export class SampleTags implements Tagged {
  private readonly owner: Tagged;
  private readonly tags = new Map<string, string>();

  constructor(owner: Tagged, tags: unknown) {
    this.owner = owner;
    if (typeof tags !== 'object' || tags === null) return;
    for (const [name, value] of Object.entries(tags as Readonly<Record<string, unknown>>)) {
      mustBeTag(value, `tag '${name}'`, 'tag', Error);
      this.tags.set(name, String(value));
    }
  }

  tag(name: string): string | undefined {
    return this.tags.get(name) ?? this.owner.tag(name);
  }
}
