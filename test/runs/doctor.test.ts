import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { doctor, renderDoctor, type DoctorPart } from '../../harness/runs/doctor.ts';

let dir: string;
const path = process.env['PATH'];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'op-test-'));
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(dir, { recursive: true, force: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, name), 0o755);
}

const named = (parts: readonly DoctorPart[], name: string) => parts.find((part) => part.name === name);

test('finds programs on the PATH, with the version that they say', async () => {
  program('k6', 'echo "k6 v2.2.0 (go1.26, linux/amd64)"');
  program('redis-server', 'echo "Redis server v=7.0.15 sha=00000000:0"');
  // nginx tells it on stderr; a Toxiproxy of `go install` tells none.
  program('nginx', 'echo "nginx version: nginx/1.22.1" >&2');
  program('docker', 'exit 1');
  process.env['PATH'] = [dir, path].join(delimiter);
  const parts = await doctor();
  expect(parts.map(({ name }) => name)).toEqual([
    'node',
    'redis-server',
    'toxiproxy',
    'k6',
    'nginx',
    'chromium',
    'docker',
  ]);
  expect(named(parts, 'node')).toMatchObject({ found: true, version: process.versions.node });
  expect(named(parts, 'k6')).toMatchObject({ found: true, version: '2.2.0', path: join(dir, 'k6') });
  expect(named(parts, 'redis-server')?.version).toBe('7.0.15');
  expect(named(parts, 'docker')).toMatchObject({ found: true });
  expect(named(parts, 'docker')?.version).toBeUndefined();
});

test('says what auto takes: the real part where it is found', () => {
  const part = (name: string, found: boolean): DoctorPart => ({ name, found, neededFor: `${name}'s use` });
  const parts = [part('k6', false), part('redis-server', true), part('toxiproxy', true)];
  expect(renderDoctor(parts)).toBe(
    [
      "k6            not found  k6's use",
      "redis-server  found      redis-server's use",
      "toxiproxy     found      toxiproxy's use",
      '',
      'auto takes:',
      '  --engine embedded',
      '  --proxy  toxiproxy',
      '  --store  redis',
    ].join('\n'),
  );
});
