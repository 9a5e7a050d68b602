/** A harness of its own process, to be killed: starts an environment, tells what runs, and waits. */

import { runK6 } from '../../harness/engine/k6-process.ts';
import { startEnvironment } from '../../harness/environment/environment.ts';

const [workDir = '', store = '', proxy = '', end = '', runId = `v${process.pid}`] = process.argv.slice(2);
const environment = await startEnvironment({
  store,
  proxy,
  replicas: 2,
  profile: 'seed',
  seed: '1',
  runId,
  logFile: `${workDir}/server.log`,
  workDir,
});
const pids = [...environment.replicas.map((replica) => replica.pid()), environment.store.pid()];
const tell = (text: string): void => void process.stdout.write(`${text}\n`);

process.on('SIGINT', () => {
  const close = async (): Promise<void> => {
    tell(`ready ${await environment.waitReady(10_000)}`);
    await environment.close();
    tell('closed');
  };
  void close();
});
const standIn = process.env['STAND_IN'];
if (standIn !== undefined) {
  const leftovers = environment.keeper;
  void runK6({ k6: standIn, script: '/nowhere/script.js', env: {}, onLine: tell, leftovers });
}
tell(JSON.stringify({ pids: pids.filter((pid) => pid !== undefined), url: environment.baseUrl }));
if (end === 'throw') throw new Error('the harness breaks');
if (end !== 'killed') environment.replicas[0]?.pause();
if (end === 'resume') environment.replicas[0]?.resume();
setInterval(() => {}, 1_000_000);
