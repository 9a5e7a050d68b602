/** The script's `console`: history lines go their own way, unread. */
import type { Vu } from './vu.ts';

/** `console.log` of one string that starts with `{"` is a history line; everything else is log output in k6's form. */
export function createConsole(vu: Vu): object {
  const { run } = vu;
  const at =
    (level: string) =>
    (...values: unknown[]): void => {
      if (!vu.isKilled) run.log(level, values.map(shown).join(' '));
    };
  const info = at('info');
  return {
    log: (first: unknown, ...rest: unknown[]): void => {
      if (typeof first === 'string' && rest.length === 0 && first.startsWith('{"')) {
        if (!vu.isKilled) run.onLine(first);
      } else info(first, ...rest);
    },
    info,
    debug: at('debug'),
    warn: at('warning'),
    error: at('error'),
    trace: at('debug'),
  };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return 'undefined';
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'function') return '[object Function]';
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
