import { expect, test } from 'vitest';
import { keepSecret } from '../../harness/base/secrets.ts';
import { guarded } from '../../harness/commands/guarded.ts';
import type { Terminal } from '../../harness/commands/terminal.ts';

function watched(): { readonly terminal: Terminal; readonly shown: string[] } {
  const shown: string[] = [];
  const stream = {
    isTTY: true,
    columns: 77,
    write: (text: string) => {
      shown.push(`progress ${text}`);
      return true;
    },
  };
  const terminal: Terminal = {
    print: (text) => shown.push(`out ${text}`),
    complain: (text) => shown.push(`err ${text}`),
    progress: stream as unknown as Terminal['progress'],
    colour: true,
    env: {},
    interruption: () => new AbortController().signal,
    exit: () => {},
  };
  return { terminal: guarded(terminal), shown };
}

test('no stream shows a secret', () => {
  const secret = keepSecret('a-secret-of-this-test');
  const { terminal, shown } = watched();
  terminal.print(`\u001b[31m${secret}\u001b[0m`);
  terminal.complain(`no ${secret}`);
  terminal.progress.write(`\r\u001b[K${secret}`);
  // The number of the mark depends on what else this process knows.
  expect(shown.map((text) => text.replace(/\[redacted(:\d+)?\]/, '#'))).toEqual([
    'out \u001b[31m#\u001b[0m',
    'err no #',
    'progress \r\u001b[K#',
  ]);
});

test('what is complained about cannot steer the terminal, but keeps its lines', () => {
  const { terminal, shown } = watched();
  terminal.complain('one\u001b[2J\u0007\r\u009b31m\ntwo\u202e');
  expect(shown).toEqual([String.raw`err one\x1b[2J\x07\x0d\x9b31m` + '\n' + String.raw`two\u202e`]);
});

test('progress knows the terminal that it draws on', () => {
  const { terminal } = watched();
  expect(terminal.progress.isTTY).toBe(true);
  expect((terminal.progress as unknown as { columns: number }).columns).toBe(77);
});
