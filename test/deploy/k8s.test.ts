/** The files for a cluster, as far as that can be told without one: schemas, references, and patches that fit. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { Namespace, PersistentVolumeClaim, Pod, Service } from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { projectRoot } from '../support/cli.ts';

const K8S = join(projectRoot, 'deploy/k8s');
const BASE = join(K8S, 'base');
const OWN = join(K8S, 'own-endpoint');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Record<string, unknown>;
}
interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { name: string; literals?: string[]; files?: string[] }[];
  readonly secretGenerator?: readonly { name: string; literals: string[] }[];
  readonly patches?: readonly { path: string; target?: { kind: string; name: string } }[];
}

const text = (dir: string, file: string): string => readFileSync(join(dir, file), 'utf8');
const documents = (dir: string, file: string): Manifest[] =>
  parseAllDocuments(text(dir, file)).map((one) => one.toJS() as Manifest);
const kustomization = (dir: string): Kustomization => parse(text(dir, 'kustomization.yaml')) as Kustomization;
const manifestsOf = (dir: string): Manifest[] =>
  kustomization(dir)
    .resources.filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => documents(dir, file));

const base = manifestsOf(BASE);
const own = manifestsOf(OWN);
const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

/** By Kubernetes' own schemas. */
const MODELS = { Deployment, StatefulSet, Job, Namespace, PersistentVolumeClaim, Service } as const;
const isModel = (kind: string): kind is keyof typeof MODELS => kind in MODELS;
function assertValid({ kind, ...manifest }: Manifest): void {
  if (!isModel(kind)) throw new Error(`no schema for ${kind}`);
  new MODELS[kind]({ kind, ...manifest } as never).validate();
}

/**
 * The members of k6-operator's TestRun (v1alpha1) that are used here, written by hand after its type: a subset, so that any
 * other member is refused. What a runner has in common with a pod is checked as a pod.
 */
const string = { type: 'string' };
const strict = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const list = { type: 'array', items: { type: 'object' } };
const TEST_RUN = strict(
  {
    apiVersion: { const: 'k6.io/v1alpha1' },
    kind: { const: 'TestRun' },
    metadata: strict({ name: string }, ['name']),
    spec: strict(
      {
        parallelism: { type: 'integer', minimum: 1 },
        script: strict({ localFile: string }, ['localFile']),
        arguments: string,
        runner: strict({
          image: string,
          env: list,
          envFrom: list,
          volumes: list,
          volumeMounts: list,
          initContainers: {
            type: 'array',
            items: strict({
              name: string,
              image: string,
              command: {},
              args: {},
              env: list,
              envFrom: list,
              volumeMounts: list,
            }),
          },
        }),
      },
      ['script', 'parallelism'],
    ),
  },
  ['apiVersion', 'kind', 'metadata', 'spec'],
);

interface Runner {
  readonly image: string;
  readonly env: unknown;
  readonly envFrom: unknown;
  readonly volumeMounts: unknown;
  readonly volumes: unknown;
  readonly initContainers: unknown;
}

/** A runner as the pod that the operator makes of it. */
function podOf({ initContainers, volumes, ...container }: Runner): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'runner' },
    spec: { initContainers, volumes, containers: [{ name: 'k6', ...container }] },
  };
}

const testRun = base.find(({ kind }) => kind === 'TestRun');

/** Every object and text below a value. */
function* within(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const item of value) yield* within(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>;
    for (const member of Object.values(value)) yield* within(member);
  }
}

/** What a manifest names: `configmap run`, `secret tokens`, `claim history`. */
function referencesIn(manifest: unknown): Set<string> {
  const names = new Set<string>();
  const add = (sort: string, reference: unknown): void => {
    const { name, isOptional } = {
      isOptional: false,
      ...(reference as { name?: string; isOptional?: boolean }),
    };
    if (name !== undefined && !isOptional) names.add(`${sort} ${name}`);
  };
  for (const { configMapRef, configMap, secretRef, secretKeyRef, persistentVolumeClaim } of within(
    manifest,
  )) {
    if (configMapRef !== undefined) add('configmap', configMapRef);
    if (configMap !== undefined) add('configmap', configMap);
    if (secretRef !== undefined && (secretRef as { optional?: boolean }).optional !== true)
      add('secret', secretRef);
    if (secretKeyRef !== undefined) add('secret', secretKeyRef);
    if (persistentVolumeClaim !== undefined)
      add('claim', { name: (persistentVolumeClaim as { claimName: string }).claimName });
  }
  return names;
}

const generated = [BASE, OWN].flatMap((dir) => {
  const { configMapGenerator, secretGenerator = [] } = kustomization(dir);
  return [
    ...configMapGenerator.map(({ name }) => `configmap ${name}`),
    ...secretGenerator.map(({ name }) => `secret ${name}`),
  ];
});
const there = new Set([
  ...generated,
  ...base.map(
    ({ kind, metadata }) => `${kind === 'PersistentVolumeClaim' ? 'claim' : kind} ${metadata.name}`,
  ),
]);

type Operation = { readonly op: string; readonly path: string; readonly value: unknown };

/** RFC 6902, as far as the patches go: `replace` of what is there, `add` to the end of a list. */
function patched(manifest: Manifest, operations: readonly Operation[]): Manifest {
  const copy = structuredClone(manifest);
  for (const { op, path, value } of operations) {
    const steps = path.split('/').slice(1);
    const last = steps.pop() ?? '';
    let parent: Record<string, unknown> = copy as unknown as Record<string, unknown>;
    for (const step of steps) {
      if (!(step in parent)) throw new Error(`${path}: there is no ${step}`);
      parent = parent[step] as Record<string, unknown>;
    }
    if (op === 'add' && last === '-' && Array.isArray(parent)) parent.push(value);
    else if (op === 'replace' && last in parent) parent[last] = value;
    else throw new Error(`${op} ${path} does not fit`);
  }
  return copy;
}

describe('deploy/k8s', () => {
  test.each(
    [...base, ...own].filter(({ kind }) => kind !== 'TestRun').map((one) => [nameOf(one), one] as const),
  )('%s is valid by Kubernetes', (_name, manifest) => assertValid(manifest));

  test('a member that does not belong is refused, so that the schemas are known to say no', () => {
    const job = base.find(({ kind }) => kind === 'Job') ?? expect.fail('no job');
    expect(() => assertValid({ ...job, spec: { ...job.spec, backoffLimit: 'three' } })).toThrow(
      /backoffLimit/,
    );
    const validate = new Ajv().compile(TEST_RUN);
    expect(validate({ ...testRun, spec: { ...testRun?.spec, paralelism: 4 } })).toBe(false);
    expect(() => new Pod(podOf({ env: [{ value: 'x' }] } as never) as never).validate()).toThrow(/name/);
  });

  test('the TestRun is valid by the members of its type, and its runner as a pod', () => {
    const validate = new Ajv().compile(TEST_RUN);
    expect(validate(testRun), JSON.stringify(validate.errors)).toBe(true);
    const { runner } = (testRun?.spec ?? expect.fail('no TestRun')) as unknown as { runner: Runner };
    new Pod(podOf(runner) as never).validate();
  });

  test('every reference leads somewhere, and every file that is named is there', () => {
    const missing = [...base, ...own].flatMap((one) =>
      [...referencesIn(one)].filter((name) => !there.has(name)),
    );
    expect(missing).toEqual([]);
    for (const dir of [BASE, OWN]) {
      const { resources, configMapGenerator, patches = [] } = kustomization(dir);
      const files = [
        ...resources,
        ...configMapGenerator.flatMap(({ files: named = [] }) => named),
        ...patches.map(({ path }) => path),
      ];
      for (const file of files.filter((name) => !name.startsWith('..')))
        expect(readdirSync(dir)).toContain(file);
    }
  });

  test('addresses are those of services, with their ports', () => {
    const services = base.filter(({ kind }) => kind === 'Service');
    const known = new Set(
      services.flatMap(({ metadata, spec }) =>
        (spec as { ports: { port: number }[] }).ports.map(({ port }) => `${metadata.name}:${port}`),
      ),
    );
    const all = ['server.yaml', 'provision.yaml', 'testrun.yaml', 'audit.yaml', 'toxiproxy.json']
      .map((file) => text(BASE, file))
      .join('\n');
    const named = [...all.matchAll(/\b((?:server|toxiproxy|redis):\d{4,5})\b/g)].map(
      ([, address = '']) => address,
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((address) => !known.has(address))).toEqual([]);
  });

  test('as many pods as the audit waits for', () => {
    const run = kustomization(BASE).configMapGenerator.find(({ name }) => name === 'run');
    const parallelism = run?.literals?.find((literal) => literal.startsWith('PARALLELISM='))?.split('=')[1];
    expect(String(testRun?.spec?.['parallelism'])).toBe(parallelism);
    const load = own.find(({ metadata }) => metadata.name === 'load');
    expect([load?.spec?.['completions'], load?.spec?.['parallelism']].map(String)).toEqual([
      parallelism,
      parallelism,
    ]);
  });

  test("the overlay's patches fit the base, and what they make is valid", () => {
    for (const { path, target } of kustomization(OWN).patches ?? []) {
      if (target === undefined) {
        for (const gone of documents(OWN, path)) expect(base.map(nameOf)).toContain(nameOf(gone));
        continue;
      }
      const manifest = base.find((one) => nameOf(one) === `${target.kind} ${target.name}`);
      expect(manifest, path).toBeDefined();
      const made = patched(manifest as Manifest, parse(text(OWN, path)) as Operation[]);
      assertValid(made);
      expect([...referencesIn(made)].filter((name) => !there.has(name))).toEqual([]);
      // Nothing of what the overlay leaves out is asked for.
      expect(JSON.stringify(made)).not.toMatch(/toxiproxy|http:\/\/server/);
    }
  });

  test('the README says that no cluster has run it', () => {
    expect(text(K8S, 'README.md')).toContain('No cluster has run this yet.');
  });
});
