import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { k6, play, startServer, type Server } from './support.ts';

let server: Server;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.close();
});

/** A port of this machine on which nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

describe.each([
  ['embedded', false],
  [`k6${k6 === undefined ? ' (not run: no k6 on the PATH)' : ''}`, k6 === undefined],
] as const)('a script that breaks does not pass with %s', (name, isMissing) => {
  const engine = name === 'embedded' ? 'embedded' : 'k6';

  test.skipIf(isMissing)(
    'when an iteration throws, though others carry their intents to the end',
    async () => {
      const played = await play('throws.js', server.env, engine);
      expect(played.counted('script_errors')).toBe(3);
      expect(played.counted('intents_completed')).toBe(9);
      expect(played.exitCode).toBe(99);
      expect(played.log).toContain('a broken body');
      expect(played.stdout).toContain('BROKEN');
    },
  );

  test.skipIf(isMissing)('when no intent is carried to its end', async () => {
    const played = await play('idle.js', server.env, engine);
    expect(played.exitCode).toBe(99);
    expect(played.stdout).toContain('intents_completed 0');
  });

  test.skipIf(isMissing)('when the endpoint cannot be reached', async () => {
    const env = { BASE_URL: NOBODY, TOKEN: 't', CUSTOMERS: 'a,b', BACKOFF_FACTOR: '0.001', INTENTS: '2' };
    const played = await play('retry-storm', env, engine);
    // Hopeless: the script ends the run itself instead of trying for minutes.
    expect(played.exitCode).toBe(108);
    expect(played.counted('intents_completed')).toBe(0);
  });

  test.skipIf(isMissing)('when the hooks cannot be reached', async () => {
    const played = await play('retry-storm', { ...server.env, HOOKS_URL: NOBODY }, engine);
    expect(played.exitCode).toBe(108);
    expect(`${played.reason ?? ''} ${played.log}`).toContain(
      'hooks: GET /hooks/capabilities was not answered',
    );
  });

  test.skipIf(isMissing)('when settings are missing, with one error that names them all', async () => {
    const played = await play('soak', {}, engine);
    expect(played.exitCode).toBe(107);
    const said = `${played.reason ?? ''} ${played.log}`;
    expect(said).toContain('BASE_URL is missing');
    expect(said).toContain('CUSTOMERS or HOOKS_URL is missing');
  });

  test.skipIf(isMissing)('when there are more VUs than customers', async () => {
    const env = { BASE_URL: NOBODY, TOKEN: 't', CUSTOMERS: 'a,b', VUS: '3' };
    const played = await play('double-click', env, engine);
    expect(played.exitCode).toBe(107);
    expect(`${played.reason ?? ''} ${played.log}`).toContain('VUS is 3, but CUSTOMERS names 2');
  });
});
