/** Every option, parameter and function that k6's type definitions name is honoured, refused by its name, or said to be not judged. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { OPTION_TYPES } from '../../harness/engine/option-types.ts';
import { UNSUPPORTED_MEMBERS, UNSUPPORTED_RESPONSE_FIELDS } from '../../harness/engine/unsupported.ts';
import { ROWS } from './rows/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SCRIPTS = Object.values(ROWS)
  .flat()
  .map(({ body, options = '', init = '', before = '' }) => `${options}\n${init}\n${before}\n${body}`)
  .join('\n');
const docs = readFileSync(resolve(ROOT, 'docs/engines.md'), 'utf8');

function types(module: string): string {
  return readFileSync(resolve(ROOT, 'node_modules/@types/k6', module, 'index.d.ts'), 'utf8');
}

/** The members of one interface or class, by name. */
function members(text: string, name: string): string[] {
  const start = new RegExp(`(?:interface|class) ${name} \\{`).exec(text)?.index ?? -1;
  expect(start).toBeGreaterThan(-1);
  const body = text.slice(start, text.indexOf('\n}', start));
  return [...body.matchAll(/^ {4}(\w+)\??[:(<]/gm)].map(([, member = '']) => member);
}

function exported(text: string): string[] {
  return [...text.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name = '']) => name);
}

/** Whether a row calls it: by its own name, not as a part of another. */
function called(name: string): boolean {
  return new RegExp(String.raw`(?<![\w.])(?:timers\.)?${name}\(`).test(SCRIPTS);
}

/** The members of an exported constant's type, by name. */
function memberNames(text: string, name: string): string[] {
  const start = text.indexOf(`export const ${name}: {`);
  expect(start).toBeGreaterThan(-1);
  const body = text.slice(start, text.indexOf('\n};', start));
  return [...body.matchAll(/^ {4}(\w+)\??[:(<]/gm)].map(([, member = '']) => member);
}

/** Named by the types, and not by k6 2.2, or without a meaning for a run on one machine. The docs say so. */
const NOT_JUDGED = {
  options: ['cloud', 'ext', 'linger', 'noUsageReport', 'tlsAIAFetch', 'vusMax'],
  http: ['SSL_3_0'],
};

describe("k6's type definitions", () => {
  test('every option is honoured, refused or said to be not judged', () => {
    const names = members(types('options'), 'Options');
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      if (NOT_JUDGED.options.includes(name)) expect(docs).toContain(`\`${name}\``);
      else expect({ name, isKnown: name in OPTION_TYPES }).toEqual({ name, isKnown: true });
    }
  });

  test('every parameter of a request has a row', () => {
    const names = members(types('http'), 'Params');
    expect(names.length).toBeGreaterThan(8);
    for (const name of names)
      expect({ name, hasRow: SCRIPTS.includes(name) }).toEqual({ name, hasRow: true });
  });

  test('every member of k6/http has a row, or is refused', () => {
    const refused = UNSUPPORTED_MEMBERS['k6/http'] ?? [];
    const constant = /^(?:TLS|OCSP)_/;
    for (const name of exported(types('http'))) {
      const isSaid = refused.includes(name) || constant.test(name) || NOT_JUDGED.http.includes(name);
      expect({ name, isSaid: isSaid || SCRIPTS.includes(`http.${name}`) }).toEqual({ name, isSaid: true });
    }
  });

  test('every member of a response has a row, or is refused', () => {
    for (const name of members(types('http'), 'Response')) {
      expect({
        name,
        isSaid: UNSUPPORTED_RESPONSE_FIELDS.includes(name) || SCRIPTS.includes(`.${name}`),
      }).toEqual({
        name,
        isSaid: true,
      });
    }
  });

  test('every member of k6, k6/data, k6/metrics and k6/timers has a row', () => {
    for (const name of ['.', 'timers'].flatMap((module) => exported(types(module))))
      expect({ name, hasRow: called(name) }).toEqual({ name, hasRow: true });
    const made = [...exported(types('metrics')), ...exported(types('data'))];
    expect(made).toEqual(['Counter', 'Gauge', 'Rate', 'Trend', 'SharedArray']);
    for (const name of made)
      expect({ name, hasRow: SCRIPTS.includes(`new ${name}(`) }).toEqual({ name, hasRow: true });
    for (const name of members(types('metrics'), 'Metric').filter((member) => member !== 'constructor'))
      expect({ name, hasRow: SCRIPTS.includes(`.${name}`) }).toEqual({ name, hasRow: true });
  });

  test('every member of k6/execution has a row', () => {
    const parts = exported(types('execution'));
    expect(parts.toSorted()).toEqual(['instance', 'scenario', 'test', 'vu']);
    for (const part of parts) {
      const names = memberNames(types('execution'), part);
      expect(names.length).toBeGreaterThan(2);
      for (const name of names)
        expect({ name, hasRow: SCRIPTS.includes(`exec.${part}.${name}`) }).toEqual({ name, hasRow: true });
    }
  });

  test('every function of k6/crypto and k6/encoding has a row, or is refused', () => {
    for (const name of [...exported(types('crypto')), ...exported(types('encoding'))]) {
      const isRefused = UNSUPPORTED_MEMBERS['k6/crypto']?.includes(name) === true;
      expect({ name, isSaid: isRefused || SCRIPTS.includes(name) }).toEqual({ name, isSaid: true });
    }
  });
});
