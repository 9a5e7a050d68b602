// What demo, verify and prove have in common. Plain JavaScript on Node's own modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const toolsBin = join(root, '.tools', 'bin');
const TOXIPROXY_VERSION = 'v2.12.0';

/** Runs a program in the project's folder with its output passed on; true when it ended with 0. */
export function step(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) console.error(`${program}: ${result.error.message}`);
  return result.status === 0;
}

export function say(text) {
  console.log(`\n== ${text}`);
}

export function find(program) {
  for (const folder of [
    toolsBin,
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/go/bin',
  ]) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** `npm ci` where packages are missing or older than the lock file. */
export function installPackages() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return true;
  if (existsSync(marker) && hasEveryPackage(marker, lock)) return true;
  say('installing packages (npm ci)');
  return step('npm', ['ci', '--no-audit', '--no-fund']);
}

/** A fresh clone's lock file is newer than anything: what counts is whether each package is there in its version. */
function hasEveryPackage(markerFile, lockFile) {
  const installed = JSON.parse(readFileSync(markerFile, 'utf8')).packages ?? {};
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

export function build() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return (
    step(process.execPath, [tsc, '-p', 'tsconfig.build.json']) &&
    step(process.execPath, [join(root, 'deploy', 'bundle-schemas.mjs')])
  );
}

const SYSTEM_PROGRAMS = [
  { program: 'redis-server', packageName: 'redis-server', why: 'tests of the Redis store' },
  { program: 'nginx', packageName: 'nginx-light', why: 'tests behind a real load balancer' },
  { program: 'chromium', packageName: 'chromium', why: 'tests of the HTML report' },
  { program: 'pg_ctlcluster', packageName: 'postgresql', why: 'the example endpoint on PostgreSQL' },
  { program: 'mariadbd', packageName: 'mariadb-server', why: 'tests of doors before MariaDB' },
];

/** Installs what the tests need from the system, where it is missing and may be installed; tells what stays missing. */
export function installSystemPrograms() {
  const missing = SYSTEM_PROGRAMS.filter(({ program }) => !find(program));
  if (missing.length === 0) return;
  const names = missing.map(({ packageName }) => packageName);
  if (process.getuid?.() === 0 && find('apt-get')) {
    say(`installing ${names.join(', ')} (apt-get)`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] };
    step('apt-get', ['update', '-qq'], quiet);
    step('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], quiet);
  }
  for (const { program, packageName, why } of missing) {
    if (!find(program))
      console.log(
        `missing: ${program} (package ${packageName}), for ${why}; its tests are skipped and say so`,
      );
  }
}

/** Toxiproxy into the project's own .tools/bin by `go install`, where Go is there. */
export function installToxiproxy() {
  if (find('toxiproxy-server')) return;
  const go = find('go');
  if (!go) {
    console.log('missing: toxiproxy-server, and no Go to install it with; its tests are skipped and say so');
    return;
  }
  say(`installing Toxiproxy ${TOXIPROXY_VERSION} (go install)`);
  mkdirSync(toolsBin, { recursive: true });
  const env = { ...process.env, GOBIN: toolsBin, GOFLAGS: '-mod=mod' };
  const source = `github.com/Shopify/toxiproxy/v2/cmd/server@${TOXIPROXY_VERSION}`;
  if (step(go, ['install', source], { env }))
    renameSync(join(toolsBin, 'server'), join(toolsBin, 'toxiproxy-server'));
  else console.log('missing: toxiproxy-server could not be built; its tests are skipped and say so');
}
