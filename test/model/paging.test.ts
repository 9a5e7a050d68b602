import { describe, expect, test } from 'vitest';
import { firstPage, withPage } from '../../harness/model/paging.ts';
import { referenceTarget, type Paging, type Target } from '../../harness/model/target.ts';

const BASE = 'http://127.0.0.1:1';
const PATH = '/api/v2/loyalty/redemptions/c';

function targetWith(paging: Paging): Target {
  const target = referenceTarget(BASE);
  return target.redemptions ? { ...target, redemptions: { ...target.redemptions, paging } } : target;
}

/** Reads a list whose pages are these, each with the headers that come with it; gives addresses and ids. */
function readAll(target: Target, pages: readonly (readonly string[])[], links: readonly string[] = []) {
  const asked: string[] = [];
  let soFar = firstPage(target, 'c');
  while (soFar !== undefined && asked.length < 10) {
    const number = asked.length;
    asked.push(soFar.url.slice(BASE.length));
    const items = (pages[number] ?? []).map((id) => ({ redemption_id: id }));
    const link = links[number];
    const headers = link === undefined ? {} : { link };
    const read = withPage(target, 'c', soFar, { headers, body: JSON.stringify({ redemptions: items }) });
    if (read === undefined || read.isLast)
      return { asked, ids: read?.items.map(({ redemption }) => redemption) };
    soFar = read;
  }
  return { asked, ids: undefined };
}

describe('pages', () => {
  test('by number, until one is shorter than a full one', () => {
    const target = targetWith({ by: 'page', parameter: 'p', size: 2, sizeParameter: 'per' });
    expect(readAll(target, [['a', 'b'], ['c']])).toEqual({
      asked: [`${PATH}?p=1&per=2`, `${PATH}?p=2&per=2`],
      ids: ['a', 'b', 'c'],
    });
  });

  test('by number from 0, until one is empty', () => {
    const target = targetWith({ by: 'page', parameter: 'page', first: 0 });
    expect(readAll(target, [['a', 'b'], ['c'], []])).toEqual({
      asked: [`${PATH}?page=0`, `${PATH}?page=1`, `${PATH}?page=2`],
      ids: ['a', 'b', 'c'],
    });
  });

  test('by offset: what was listed meanwhile is not listed twice', () => {
    const target = targetWith({ by: 'offset', parameter: 'offset', size: 2 });
    expect(readAll(target, [['b', 'a'], ['a', 'z'], []])).toEqual({
      asked: [`${PATH}?offset=0`, `${PATH}?offset=2`, `${PATH}?offset=4`],
      ids: ['b', 'a', 'z'],
    });
  });

  test('one redemption that a page lists twice stays listed twice', () => {
    const target = targetWith({ by: 'page', parameter: 'page', size: 3 });
    expect(readAll(target, [['a', 'a']]).ids).toEqual(['a', 'a']);
  });

  test('by Link, relative or at the same host; another host is not asked', () => {
    const target = targetWith({ by: 'link' });
    const links = [
      `</x?page=0>; rel="prev", <${PATH}?page=2>; title="a, b"; rel="last next"`,
      `<${BASE}/y?page=3>; rel=next`,
      '<http://elsewhere.example/z>; rel="next"',
    ];
    expect(readAll(target, [['a'], ['b'], ['c']], links)).toEqual({
      asked: [PATH, `${PATH}?page=2`, '/y?page=3'],
      ids: ['a', 'b', 'c'],
    });
  });
});
