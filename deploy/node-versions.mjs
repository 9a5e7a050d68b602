// Packs the package, installs it in an empty folder, and runs its demo there under several Node versions.
// node deploy/node-versions.mjs [22 24 26]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, step } from './steps.mjs';

const versions = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['22', '24', '26'];
if (!installPackages()) process.exit(3);
const folder = mkdtempSync(join(tmpdir(), 'onceproof-versions-'));
let isGood = true;
try {
  step('npm', ['pack', '--pack-destination', folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  isGood = step('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], { cwd: folder });
  for (const version of isGood ? versions : []) {
    const cli = join(folder, 'node_modules', 'onceproof', 'dist', 'harness', 'cli.js');
    const parts = ['--engine', 'embedded', '--proxy', 'embedded', '--store', 'memory', '--replicas', '2'];
    const node = ['exec', '--yes', '--package', `node@${version}`, '--', 'node'];
    const told = spawnSync('npm', [...node, '--version'], { cwd: folder, encoding: 'utf8' }).stdout.trim();
    const hasPassed = step('npm', [...node, cli, 'run', '--faults', 'light', ...parts], { cwd: folder });
    console.log(`node ${told}: ${hasPassed ? 'valid' : 'FAILED'}`);
    isGood &&= hasPassed;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);
