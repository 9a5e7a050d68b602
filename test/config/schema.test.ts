import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { SMALLEST, configWith } from './configs.ts';
import { SCHEMA_FILE, schemaOfTypes } from './schema-of-types.ts';

// `WRITE_SCHEMA=1 npx vitest run test/config/schema.test.ts` writes it anew after a change of the types.
if (process.env['WRITE_SCHEMA'] !== undefined)
  writeFileSync(SCHEMA_FILE, `${JSON.stringify(schemaOfTypes(), null, 2)}\n`);

test('the published schema is the one of the types', () => {
  expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(schemaOfTypes());
});

const isConfig = new Ajv2020({ allErrors: true }).compile(schemaOfTypes());

test.each([
  ['the smallest', SMALLEST],
  ['with its schema', configWith({ $schema: './onceproof.schema.json' })],
  ['a profile', configWith({ contract: 'stripe' })],
  [
    'rows',
    configWith({
      contract: {
        profile: 'ietf',
        inFlight: 'wait',
        otherPayload: 422,
        missingKey: { status: 400, code: 'x' },
        ttlMs: 'unspecified',
      },
    }),
  ],
  ['a token of the environment', configWith({ auth: { env: 'TOKEN' }, baseUrl: { env: 'URL' } })],
  ['a customer with a token', configWith({ customers: ['a', { id: 'b', token: { env: 'B' } }] })],
  [
    'a service and a store',
    configWith({
      service: { command: ['node'], env: { A: 'b' } },
      stores: { db: { kind: 'redis', at: 'a:1' } },
    }),
  ],
])('what the loader takes, it takes: %s', (_, config) => {
  expect(isConfig(config), JSON.stringify(isConfig.errors)).toBe(true);
});

test.each([
  ['an unknown member', configWith({ rewrads: [] })],
  ['a reward without a price', configWith({ rewards: [{ id: 'x' }] })],
  ['no rewards', configWith({ rewards: undefined })],
  ['a row that nobody knows', configWith({ contract: { inflight: 409 } })],
  ['a word that a row does not have', configWith({ contract: { inFlight: 'later' } })],
  ['a hook, which has no JSON', configWith({ hooks: { provision: 'x' } })],
  ['a pointer that is a number', configWith({ answer: { redemption: 1 } })],
])('what the loader refuses, it refuses: %s', (_, config) => {
  expect(isConfig(JSON.parse(JSON.stringify(config)))).toBe(false);
});

test('every member has its words', () => {
  const { properties } = schemaOfTypes() as { properties: Record<string, { description?: string }> };
  const silent = Object.entries(properties).filter(([, { description }]) => description === undefined);
  expect(silent.map(([name]) => name)).toEqual(['redeem', 'limits']);
});
