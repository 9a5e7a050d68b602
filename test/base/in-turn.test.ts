import { expect, test } from 'vitest';
import { inTurn } from '../../harness/base/in-turn.ts';

test('so many run at a time, the others in the order in which they came, and a failure gives its place back', async () => {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = inTurn(2, (name: string) => {
    begun.push(name);
    return new Promise<string>((resolve, reject) => {
      ends.set(name, (error) => (error ? reject(error) : resolve(name)));
    });
  });
  const all = ['a', 'b', 'c', 'd'].map((name) => work(name));
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')?.(new Error('no'));
  await expect(all[1]).rejects.toThrow('no');
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('a')?.();
  expect(await all[0]).toBe('a');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  ends.get('c')?.();
  ends.get('d')?.();
  expect(await Promise.all(all.slice(2))).toEqual(['c', 'd']);
});
