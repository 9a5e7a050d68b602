import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROFILES, type Contract } from '../harness/model/contract.ts';
import { clock, customerWith, fresh, serve, type TestServer } from '../test/reference-server/harness.ts';
import { STORES } from '../test/reference-server/stores.ts';
import { agingCommands, commands, freshModel, wideCommands, type Command } from './support/commands.ts';
import { prop } from './support/prop.ts';

const START_POINTS = 2000;
const NOW_MS = 1_800_000_000_000;
/** A crashed owner's claim lapses soon, so that a retry can go on. */
const SETTINGS = { leaseMs: 60, restartAfterMs: 5 };

/**
 * Rows that a sequence of requests can tell apart, each alone and some together. (A wait for the first attempt, and a
 * lease, show only between attempts that overlap: test/reference-server/rows.test.ts.)
 */
const ROWS: readonly Partial<Contract>[] = [
  { keyScope: 'global' },
  { fingerprint: 'bytes' },
  { fingerprint: 'none' },
  { replayState: 'latest' },
  { duplicateIntent: 'replay' },
  { storesRefusals: true },
  { tombstoneFrom: 'expiry', tombstoneMs: 86_400_000 },
  { tryAgain: { statuses: [429], max: 1, withinMs: 1000 } },
  { clockScope: 'common' },
  { keyScope: 'path', duplicateIntent: 'replay', storesRefusals: true, replayState: 'latest' },
];

/** The same commands against model and server; both customers are new and their clocks stand still. */
async function agree(
  server: TestServer,
  drawn: Iterable<Command>,
  rows: Partial<Contract> = {},
): Promise<void> {
  const customers = [await frozenCustomer(server), await frozenCustomer(server)] as const;
  const setup = () => ({
    model: freshModel({ ...PROFILES.seed, ...rows }, START_POINTS, NOW_MS),
    real: { server, customers, run: fresh('run') },
  });
  await fc.asyncModelRun(setup, drawn);
}

async function frozenCustomer(server: TestServer): Promise<string> {
  const { id } = await customerWith(server, START_POINTS);
  await clock(server, id, { now_ms: NOW_MS, frozen: true });
  return id;
}

describe.each(STORES)('the contract on $name, as a model', ({ skip, open }) => {
  let store: Awaited<ReturnType<typeof open>>;
  let server: TestServer;
  beforeAll(async () => {
    if (skip) return;
    store = await open();
    server = await serve({ ...SETTINGS, store: store.store });
  });
  afterAll(async () => {
    if (skip) return;
    await server.close();
    await store.stop();
  });

  describe.skipIf(skip)('sequences', () => {
    prop(
      'model and server agree on every answer and every effect',
      [commands],
      (drawn) => agree(server, drawn),
      {
        runs: 60,
      },
    );
  });
});

describe.each(STORES)('rows of the contract on $name, as a model', ({ skip, open }) => {
  let store: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    if (!skip) store = await open();
  });
  afterAll(async () => {
    if (!skip) await store.stop();
  });

  describe.skipIf(skip)('sequences', () => {
    for (const rows of ROWS) {
      let server: TestServer;
      describe(JSON.stringify(rows), () => {
        beforeAll(async () => {
          server = await serve({ ...SETTINGS, store: store.store, keyPrefix: fresh('rows'), rows });
        });
        afterAll(() => server.close());
        prop('model and server agree', [wideCommands], (drawn) => agree(server, drawn, rows), {
          runs: 15,
        });
      });
    }
  });
});

describe('the model can say no', () => {
  test.each(ROWS.map((rows) => [JSON.stringify(rows), rows] as const))(
    'a server without %s disagrees with it',
    async (_, rows) => {
      const server = await serve(SETTINGS);
      try {
        const property = fc.asyncProperty(wideCommands, (drawn) => agree(server, drawn, rows));
        const details = await fc.check(property, { numRuns: 200, seed: 1, endOnFailure: true });
        expect(details.failed).toBe(true);
      } finally {
        await server.close();
      }
    },
  );

  test.each([
    ['expired-key-processed', agingCommands],
    ['ttl-renewed', agingCommands],
    ['no-fingerprint', commands],
    ['global-key-scope', commands],
  ] as const)('the wrong edition %s disagrees with it', async (defectName, drawing) => {
    const server = await serve({ ...SETTINGS, defectName });
    try {
      const property = fc.asyncProperty(drawing, (drawn) => agree(server, drawn));
      const details = await fc.check(property, { numRuns: 200, seed: 1, endOnFailure: true });
      expect(details.failed).toBe(true);
    } finally {
      await server.close();
    }
  });
});
