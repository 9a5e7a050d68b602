import { describe, expect, test } from 'vitest';
import { resolved } from './configs.ts';

const SERVICE = { command: ['node', 'server.js'] } as const;
const REDIS = { kind: 'redis', at: '127.0.0.1:6379' } as const;

describe('stores', () => {
  test('an address may be a URL of which only host and port are kept', () => {
    const { stores } = resolved(
      { stores: { db: { kind: 'postgres', at: { env: 'DB' }, door: 15_432 } } },
      { DB: 'postgres://user:secret@127.0.0.1:5432/shop' },
    );
    expect(stores).toEqual([{ name: 'db', kind: 'postgres', at: '127.0.0.1:5432', door: 15_432 }]);
  });

  test('without a service the endpoint must have been pointed at a port that is named', () => {
    expect(() => resolved({ stores: { cache: REDIS } })).toThrow(/stores\.cache\.door/);
    expect(resolved({ stores: { cache: REDIS }, service: SERVICE }).stores).toEqual([
      { name: 'cache', ...REDIS },
    ]);
  });

  test('off loopback it must stand in allowedHosts', () => {
    const far = { cache: { kind: 'redis', at: 'cache.example:6379', door: 16_379 } };
    expect(() => resolved({ stores: far })).toThrow(/allowedHosts/);
    const allowedHosts = ['127.0.0.1:8080', 'cache.example:6379'];
    expect(resolved({ stores: far, allowedHosts }).stores[0]?.at).toBe('cache.example:6379');
  });

  test('an address that is none is refused without being shown', () => {
    const stores = { db: { kind: 'postgres', at: 'postgres://user:hunter22@', door: 1 } };
    expect(() => resolved({ stores })).toThrow(/stores\.db\.at/);
    expect(() => resolved({ stores })).not.toThrow(/hunter22/);
  });

  test('a name that is a placeholder of another meaning is refused', () => {
    expect(() => resolved({ stores: { port: REDIS }, service: SERVICE })).toThrow(/stores/);
  });
});

describe('service', () => {
  test('a command line in one text is refused: there is no shell', () => {
    expect(() => resolved({ service: { command: 'node server.js' } })).toThrow(/service\.command/);
  });

  test('several replicas need a place for the port of each', () => {
    expect(() => resolved({ service: { ...SERVICE, replicas: 2 } })).toThrow(/\{port\}/);
    const service = { command: ['node', 'server.js', '{port}'], replicas: 2 };
    expect(resolved({ service })).toMatchObject({ service, capabilities: { replicas: 2 } });
  });

  test('a clash with the number of replicas of the config is refused, the same number is not', () => {
    const service = { command: ['node', '{port}'], replicas: 2 };
    expect(() => resolved({ service, replicas: 3 })).toThrow(/service\.replicas \(2\)/);
    expect(resolved({ service, replicas: 2 }).capabilities.replicas).toBe(2);
  });

  test('an endpoint elsewhere cannot be started here', () => {
    const there = { baseUrl: 'https://shop.example', allowedHosts: ['shop.example'] };
    expect(() => resolved({ ...there, service: SERVICE })).toThrow(/loopback/);
  });
});
