import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROFILES } from '../harness/model/contract.ts';
import { clock, customerWith, serve, type TestServer } from '../test/reference-server/harness.ts';
import { STORES } from '../test/reference-server/stores.ts';
import { agingCommands, commands, freshModel, type Command } from './support/commands.ts';
import { prop } from './support/prop.ts';

const START_POINTS = 2000;
const NOW_MS = 1_800_000_000_000;
/** A crashed owner's claim lapses soon, so that a retry can go on. */
const SETTINGS = { leaseMs: 60, restartAfterMs: 5 };

/** The same commands against model and server; both customers are new and their clocks stand still. */
async function agree(server: TestServer, drawn: Iterable<Command>): Promise<void> {
  const customers = [await frozenCustomer(server), await frozenCustomer(server)] as const;
  const setup = () => ({
    model: freshModel(PROFILES.seed, START_POINTS, NOW_MS),
    real: { server, customers },
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

describe('the model can say no', () => {
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
