/**
 * What an input is made of, without its values: two rows of one shape would be one row with another value. Members are
 * told by their path and the kind of what stands there, and only where they differ from what is right.
 */

/** Code or a sentence without its numbers, and with quoted texts as classes of characters. */
export function masked(text: string): string {
  return text
    .replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g, classes)
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .slice(0, 2000);
}

/** Arguments: the command and the names of flags stay, their values are numbers, places or words. */
export function argumentsShape(args: readonly string[]): string {
  return args
    .map((arg, index) => {
      if (index === 0 || /^-+[a-z]/.test(arg)) return arg;
      return /^[-+]?\d/.test(arg) ? '#' : /^[@./]/.test(arg) ? '@' : arg.includes(':') ? 'url' : 'word';
    })
    .join(' ');
}

/** Paths and kinds of what differs from `right`; for a text that is no JSON, its letters and digits in classes. */
export function jsonShape(text: string, right?: unknown): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `no JSON: ${classes(text)}`;
  }
  return differences(value, right).join(' ') || 'right';
}

export function differences(value: unknown, right: unknown, path = ''): string[] {
  if (Object.is(value, right)) return [];
  if (Array.isArray(value)) {
    const list: readonly unknown[] = Array.isArray(right) ? right : [];
    if (value.length === 0) return list.length === 0 && Array.isArray(right) ? [] : [`${path}:[]`];
    const few = value
      .slice(0, 3)
      .flatMap((item: unknown, index) => differences(item, list[index], `${path}/${index}`));
    return [...few, ...(value.length > list.length ? [`${path}:more`] : []), ...lost(value, list, path)];
  }
  if (typeof value === 'object' && value !== null) {
    const members = typeof right === 'object' && right !== null ? right : {};
    const kinds = Object.entries(value).flatMap(([name, member]) =>
      differences(member, (members as Record<string, unknown>)[name], `${path}/${name}`),
    );
    const all = [...kinds, ...lost(value, members, path)];
    return all.length === 0 && members !== right ? [`${path}:{}`] : all;
  }
  // A text is told by how it is built: another word in its place is another value.
  if (typeof value === 'string') return [`${path}:text ${classes(value)}`];
  return [`${path}:${value === null ? 'null' : typeof value}`];
}

function lost(value: object, right: object, path: string): string[] {
  return Object.keys(right)
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => `${path}/${name}:none`);
}

/** Letters, digits and everything else as classes, runs as one. */
export function classes(text: string): string {
  return text
    .slice(0, 500)
    .replace(/[A-Za-z]+/g, 'a')
    .replace(/\d+/g, '#')
    .replace(/(.)\1+/gs, '$1+');
}
