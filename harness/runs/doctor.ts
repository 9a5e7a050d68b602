/** What is installed here, and what `auto` would take. Nothing is needed but Node. */

import { execFile } from 'node:child_process';
import { findToxiproxy } from '../proxy/toxiproxy-process.ts';
import { findProgram } from '../base/program.ts';

/** A program that onceproof can use. */
export interface DoctorPart {
  readonly name: string;
  readonly found: boolean;
  /** As the program says it; absent where it says none. */
  readonly version?: string;
  readonly path?: string;
  readonly neededFor: string;
}

interface Candidate {
  readonly name: string;
  readonly find: () => string | undefined;
  readonly versionArgs: readonly string[];
  readonly neededFor: string;
}

const VERSION_LIMIT_MS = 5000;

const CANDIDATES: readonly Candidate[] = [
  {
    name: 'redis-server',
    find: () => findProgram('redis-server'),
    versionArgs: ['--version'],
    neededFor: '--store redis: real processes that are killed, paused and restarted',
  },
  {
    name: 'toxiproxy',
    find: findToxiproxy,
    versionArgs: ['-version'],
    neededFor: '--proxy toxiproxy: connection faults by the real Toxiproxy',
  },
  {
    name: 'k6',
    find: () => findProgram('k6'),
    versionArgs: ['version'],
    neededFor: '--engine k6: load by the real k6',
  },
  {
    name: 'nginx',
    find: () => findProgram('nginx', ['/usr/sbin/nginx']),
    versionArgs: ['-v'],
    neededFor: 'tests of our own: a real load balancer that repeats requests',
  },
  {
    name: 'chromium',
    find: () => findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome'),
    versionArgs: ['--version'],
    neededFor: 'tests of our own: the report in a real browser',
  },
  {
    name: 'docker',
    find: () => findProgram('docker'),
    versionArgs: ['--version'],
    neededFor: 'docker-compose.yml: all real parts together',
  },
];

/** Looks for every program that can be used; one that is found but does not say its version is found all the same. */
export async function doctor(): Promise<readonly DoctorPart[]> {
  const node: DoctorPart = {
    name: 'node',
    found: true,
    version: process.versions.node,
    path: process.execPath,
    neededFor: 'everything',
  };
  return [node, ...(await Promise.all(CANDIDATES.map(examine)))];
}

/** The parts as a table, then what `auto` takes. */
export function renderDoctor(parts: readonly DoctorPart[]): string {
  const isFound = (name: string): boolean => parts.some((part) => part.name === name && part.found);
  const nameWidth = Math.max(...parts.map(({ name }) => name.length));
  const states = parts.map(({ found, version }) => (found ? (version ?? 'found') : 'not found'));
  const stateWidth = Math.max(...states.map((state) => state.length));
  const rows = parts.map(({ name, neededFor }, index) =>
    `${name.padEnd(nameWidth)}  ${(states[index] ?? '').padEnd(stateWidth)}  ${neededFor}`.trimEnd(),
  );
  return [
    ...rows,
    '',
    'auto takes:',
    `  --engine ${isFound('k6') ? 'k6' : 'embedded'}`,
    `  --proxy  ${isFound('toxiproxy') ? 'toxiproxy' : 'embedded'}`,
    `  --store  ${isFound('redis-server') ? 'redis' : 'memory'}`,
  ].join('\n');
}

async function examine({ name, find, versionArgs, neededFor }: Candidate): Promise<DoctorPart> {
  const path = find();
  if (path === undefined) return { name, found: false, neededFor };
  const version = await versionOf(path, versionArgs);
  return { name, found: true, path, neededFor, ...(version !== undefined && { version }) };
}

/** The first number with dots that the program prints; undefined when it prints none in time. */
function versionOf(path: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(path, [...args], { timeout: VERSION_LIMIT_MS, encoding: 'utf8' }, (_, stdout, stderr) => {
      done(/\d+(?:\.\d+)+/.exec(`${stdout}\n${stderr}`)?.[0]);
    });
  });
}
