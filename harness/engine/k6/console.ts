/** The script's `console`: history lines go their own way, unread. */
import { consoleText } from './console-text.ts';
import type { RunState } from './run-state.ts';
import type { VuContext } from './vu-context.ts';

/** `console.log` of one string that is a JSON object is a history line; everything else is log output in k6's form. */
export function createConsole(vu: VuContext): object {
  const { run } = vu;
  const behind = (value: unknown): unknown => vu.realm.behind(value);
  const at =
    (level: string) =>
    (...values: unknown[]): void => {
      if (!vu.isKilled) run.log(level, values.map((value) => consoleText(value, behind)).join(' '));
    };
  const info = at('info');
  return {
    log: (first: unknown, ...rest: unknown[]): void => {
      if (typeof first === 'string' && rest.length === 0 && isHistoryLine(first)) {
        if (!vu.isKilled) handOver(run, first);
      } else info(first, ...rest);
    },
    info,
    debug: at('debug'),
    warn: at('warning'),
    error: at('error'),
    trace: at('debug'),
  };
}

/** One JSON object on a line of its own, told by its ends alone: reading it would cost more than the request. */
export function isHistoryLine(text: string): boolean {
  return text.startsWith('{"') && text.endsWith('}');
}

/** A history that cannot be written ends the run: the script must not catch that as an error of its own. */
function handOver(run: RunState, line: string): void {
  try {
    run.onLine(line);
  } catch (error) {
    run.refuse(error instanceof Error ? error : new Error(String(error)));
  }
}
