import { describe, expect, test } from 'vitest';
import { contractFrom } from '../../harness/model/contract.ts';
import { referenceTarget } from '../../harness/model/target.ts';
import { missingKinds } from '../../harness/sweep/abilities.ts';
import type { SweepContext } from '../../harness/sweep/context.ts';

interface Given {
  readonly processes: boolean;
  /** Processes of ours, or what `hooks.restart` brings back. */
  readonly replicas: number;
}

/** What is asked of a context, and nothing else. */
function contextOf({ processes, replicas }: Given): SweepContext {
  const context = {
    stage: {
      capabilities: { processes, provision: true, clock: true },
      contract: contractFrom('seed'),
      target: referenceTarget('http://127.0.0.1:1'),
      environment: { replicas: Array.from({ length: replicas }) },
    },
    spots: { seesMessages: true, missing: new Map() },
    replicas: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
  };
  return context as unknown as SweepContext;
}

const KILLS = ['kill-before', 'kill-after', 'paused'];
const missing = (given: Given, platform: NodeJS.Platform) =>
  [...missingKinds(contextOf(given), platform)].filter(([kind]) => KILLS.includes(kind));

describe('kills and pauses', () => {
  test('of processes of ours can be had, but not on Windows, which is told', () => {
    expect(missing({ processes: true, replicas: 2 }, 'linux')).toEqual([]);
    expect(missing({ processes: true, replicas: 2 }, 'darwin')).toEqual([]);
    const why = 'processes cannot be killed and stopped on Windows';
    expect(missing({ processes: true, replicas: 2 }, 'win32')).toEqual(KILLS.map((kind) => [kind, why]));
  });

  test.each(['linux', 'win32'] as const)(
    "by hooks.restart kills can be had on %s, a pause can't",
    (platform) => {
      expect(missing({ processes: false, replicas: 1 }, platform).map(([kind]) => kind)).toEqual(['paused']);
    },
  );

  test('of an endpoint that nobody here started cannot be had', () => {
    expect(missing({ processes: false, replicas: 0 }, 'linux').map(([kind]) => kind)).toEqual(KILLS);
  });
});
