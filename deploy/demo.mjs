// `npm run demo`: every scenario under light faults on the embedded stack, then a short sweep; installs and builds what is
// missing first. Further arguments go to the run.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, installPackages, root } from './steps.mjs';

if (!installPackages() || !build()) process.exit(3);
const cli = join(root, 'dist', 'harness', 'cli.js');
const more = process.argv.slice(2);
const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory', '--replicas', '2'];
const ran = onceproof(['run', '--faults', 'light', ...parts, ...more]);
if (ran !== 0) process.exit(ran);

// The same server, stood at: at each message where there is a Redis, else at its four named points.
const hasRedis = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
const [store, kinds, places] = hasRedis
  ? ['redis', ['same-key-elsewhere', 'cut-before', 'cut-after'], ['redis:1', 'redis:2', 'redis:3']]
  : ['memory', ['same-key-elsewhere', 'kill-before'], ['server:1', 'server:2', 'server:3', 'server:4']];
const stands = kinds.flatMap((kind) => places.map((place) => `${kind}@${place}`));
console.log(
  '\nAnd now one request at a time, with somebody who stands at each of its messages to the store:',
);
const out = more.includes('--out') ? ['--out', more[more.indexOf('--out') + 1]] : [];
process.exit(onceproof(['sweep', '--store', store, '--stand', stands.join(','), ...out]));

function onceproof(args) {
  return spawnSync(process.execPath, [cli, ...args], { cwd: root, stdio: 'inherit' }).status ?? 3;
}
