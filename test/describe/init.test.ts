import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { onceproof, temporaryFolder } from '../support/cli.ts';
import { ENDPOINTS } from './endpoints.ts';

const SECRETS = { API_TOKEN: 'sk_test_of_this_test', API_USER: 'till-7', API_PASSWORD: 'of-this-test' };
const documents = join(import.meta.dirname, 'documents');
const folders: { remove: () => void }[] = [];
afterAll(() => folders.forEach((folder) => folder.remove()));

function newFolder(): string {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder.path;
}

describe('a config from an OpenAPI document passes the preflight with another address and a token', () => {
  test.each(Object.entries(ENDPOINTS))('%s', async (name, { base, start }) => {
    const endpoint = await start();
    try {
      for (const format of name === 'loyalty.yaml' ? ['yaml', 'json'] : ['ts']) {
        const cwd = newFolder();
        const args = [
          'init',
          '--openapi',
          join(documents, name),
          '--base-url',
          endpoint.url + base,
          '--format',
          format,
        ];
        const told = await onceproof(args, { cwd, env: SECRETS });
        const text = readFileSync(join(cwd, `onceproof.config.${format}`), 'utf8');
        expect(`${told.stderr}${told.stdout.includes('warning:') ? told.stdout : ''}`, text).toBe('');
        expect(told.stdout).toContain('The config describes this endpoint');
        expect(told.code).toBe(0);
        for (const member of ['balance.value', 'redemptions.items', 'redemptions.redemption'])
          expect(told.stdout, text).toContain(`= ${member}:`);
        for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
        // It overwrites nothing unasked.
        const again = await onceproof(args, { cwd, env: SECRETS });
        expect(again.code).toBe(4);
        expect(again.stderr).toContain('is there already; expected --force');
      }
    } finally {
      await endpoint.close();
    }
  });

  test('the hosts of a document are not allowed by it', async () => {
    const cwd = newFolder();
    const told = await onceproof(['init', '--openapi', join(documents, 'stripe-style.json')], {
      cwd,
      env: { API_TOKEN: 'sk_test_of_this_test' },
    });
    expect(told.code).toBe(4);
    expect(told.stderr).toMatch(/host is not a loopback address/);
  });
});

describe('a document that says too little, or too much, is told in one line', () => {
  const paths = (value: object) => ({ openapi: '3.0.0', info: {}, paths: value });
  const post = { parameters: [{ name: 'Idempotency-Key', in: 'header' }], responses: {} };
  test.each([
    ['no document', 'hello: [', /is neither JSON nor YAML/],
    ['Swagger 2', '{"swagger":"2.0"}', /is no OpenAPI document; expected openapi: 3\.0\.x or 3\.1\.x/],
    [
      'no key anywhere',
      JSON.stringify(paths({ '/redeem': { post: { responses: {} } } })),
      /no call of it takes an idempotency key.*POST \/redeem/,
    ],
    [
      'two calls alike',
      JSON.stringify(paths({ '/redeem-a': { post }, '/redeem-b': { post } })),
      /more than one call.*POST \/redeem-a, POST \/redeem-b/,
    ],
    [
      'a reference to nothing',
      JSON.stringify(paths({ '/redeem': { post: { parameters: [{ $ref: '#/components/no' }] } } })),
      /a reference to nothing.*#\/components\/no/,
    ],
    [
      'a reference elsewhere',
      JSON.stringify(paths({ '/redeem': { post: { parameters: [{ $ref: 'http://127.0.0.1/x' }] } } })),
      /a reference that is not followed/,
    ],
  ])('%s', async (_, text, line) => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'api.txt'), text);
    const told = await onceproof(['init', '--openapi', 'api.txt', '--no-check'], { cwd });
    expect(told.stderr).toMatch(line);
    expect(told.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(told.code).toBe(4);
  });

  test('a URL is read only where its host is named', async () => {
    const told = await onceproof(['init', '--openapi', 'http://127.0.0.1:1/openapi.json'], {
      cwd: newFolder(),
    });
    expect(told.stderr).toMatch(
      /its host is not named on the command line; expected --allow-host 127\.0\.0\.1:1/,
    );
    expect(told.code).toBe(4);
  });
});
