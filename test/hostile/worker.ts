/**
 * A process that holds nothing but the harness, and does one hostile thing after the other in it: what its memory, its
 * children and its ports become is the harness's own doing.
 */

import { writeFileSync } from 'node:fs';
import { keepEnvironmentSecrets, keepSecret } from '../../harness/base/secrets.ts';
import { startHooksBridge } from '../../harness/config/hooks-bridge.ts';
import { HOOKS } from './hooks.ts';
import { command, type Told } from './in-process.ts';
import { SECRET } from './secret.ts';
import { ownPorts, ownProcesses, peakBytesOf } from './traces.ts';

/** A command of the command line, or a row of the hooks' table. */
export type Ask = {
  readonly cwd: string;
  /** For temporary files. */
  readonly temporary: string;
} & ({ readonly args: readonly string[] } | { readonly hook: string });

export interface Left extends Told {
  /** Most memory that was held at once since the last one ended. */
  readonly peakBytes: number;
  /** What is held now that it has ended. */
  readonly restBytes: number;
  readonly processes: readonly string[];
  readonly ports: readonly number[];
  /** Errors that nobody caught. */
  readonly uncaught: readonly string[];
}

/** So often it is looked whether what was ended has gone. */
const LOOKS = 100;
const LOOK_MS = 50;

const uncaught: string[] = [];
process.on('uncaughtException', (error) => void uncaught.push(String(error)));
process.on('unhandledRejection', (error) => {
  // The embedded engine takes those of a script.
  if (process.listenerCount('unhandledRejection') === 1) uncaught.push(String(error));
});
keepEnvironmentSecrets(process.env);
keepSecret(SECRET);

process.on('message', (ask: Ask) => void answer(ask));
process.send?.('ready');

async function answer(ask: Ask): Promise<void> {
  uncaught.length = 0;
  process.chdir(ask.cwd);
  process.env['TMPDIR'] = ask.temporary;
  const told = await tell(ask);
  const peakBytes = peakBytesOf('self');
  for (let look = 0; look < LOOKS && ownProcesses().length + ownPorts().length > 0; look++)
    await new Promise((done) => setTimeout(done, LOOK_MS));
  global.gc?.();
  // Sets the kernel's counter back to what is held now.
  writeFileSync('/proc/self/clear_refs', '5');
  const left: Left = {
    ...told,
    peakBytes,
    restBytes: peakBytesOf('self'),
    processes: ownProcesses(),
    ports: ownPorts(),
    uncaught: [...uncaught],
  };
  process.send?.(left);
}

async function tell(ask: Ask): Promise<Told> {
  try {
    return 'args' in ask ? await command(ask.args, { TOKEN: SECRET }) : await askHook(ask.hook);
  } catch (error) {
    return { code: -1, stdout: '', stderr: `the suite itself: ${String(error)}` };
  }
}

async function askHook(title: string): Promise<Told> {
  const row = HOOKS.find((each) => each.title === title);
  if (row === undefined) throw new Error(`no such row: ${title}`);
  const { hooks, ask } = row.input;
  const [method, path, body] = ask;
  const bridge = await startHooksBridge({ hooks, token: SECRET, timeoutMs: 200 });
  try {
    const answer = await fetch(`${bridge.url}/hooks${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { code: answer.status, stdout: await answer.text(), stderr: '' };
  } finally {
    await bridge.close();
  }
}
