// `npm run demo`: every scenario under light faults on the embedded stack; installs and builds what is missing first.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, installPackages, root } from './steps.mjs';

if (!installPackages() || !build()) process.exit(3);
const cli = join(root, 'dist', 'harness', 'cli.js');
const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory', '--replicas', '2'];
const args = [cli, 'run', '--faults', 'light', ...parts, ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 3);
