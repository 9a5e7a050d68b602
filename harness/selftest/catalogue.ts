/** The catalogue of wrong editions, as the server program hands it over: data, read strictly, since it is another program's. */

import { harnessError } from '../base/errors.ts';
import type { DefectFacts, Way } from '../model/detection.ts';

/** Reads what `--list-defects` prints. Throws a harness error that names the first member that is missing. */
export function catalogueOf(text: string): readonly DefectFacts[] {
  const listed: unknown = JSON.parse(text);
  if (!Array.isArray(listed) || listed.length === 0) throw wrong('a list of defects', text.slice(0, 80));
  return listed.map((entry: unknown) => defectOf(entry));
}

function defectOf(entry: unknown): DefectFacts {
  const facts = objectOf(entry);
  const name = textIn(facts, 'name');
  const { reason, rules, bugClasses = [], needs = [] } = facts;
  if (!isListOf(rules, 'string') || rules.length === 0) throw wrong(`rules of ${name}`, rules);
  if (!isListOf(bugClasses, 'number')) throw wrong(`bugClasses of ${name}`, bugClasses);
  if (!isListOf(needs, 'string')) throw wrong(`needs of ${name}`, needs);
  return {
    name,
    description: textIn(facts, 'description'),
    ...(typeof reason === 'string' && { reason }),
    rules: rules as readonly string[],
    bugClasses: bugClasses as readonly number[],
    needs: needs as readonly string[],
    way: wayOf(name, facts['way']),
  };
}

/** What is left out is as usual: the memory store, two replicas, the profile of the seed. */
function wayOf(name: string, value: unknown): Way {
  const way = objectOf(value);
  const { kind, scenario, faults, intents, store = 'memory', replicas = 2, profile = 'seed' } = way;
  if (store !== 'memory' && store !== 'redis') throw wrong(`way.store of ${name}`, store);
  if (typeof replicas !== 'number' || typeof profile !== 'string') throw wrong(`way of ${name}`, value);
  const common = { store, replicas, profile } as const;
  if (kind === 'sweep') return { kind, ...common };
  if (kind !== 'run' || typeof scenario !== 'string' || typeof faults !== 'string')
    throw wrong(`way of ${name}`, value);
  return { kind, scenario, faults, ...(typeof intents === 'number' && { intents }), ...common };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw wrong('an object', value);
}

function textIn(facts: Readonly<Record<string, unknown>>, name: string): string {
  const value = facts[name];
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(`${name}: a text`, value);
}

function isListOf(value: unknown, type: 'string' | 'number'): value is readonly unknown[] {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

function wrong(expected: string, found: unknown): Error {
  return harnessError('catalogue', 'the list of defects cannot be read', { expected, found });
}
