/** The JSON Schema of a config, made of the types in `harness/config/define.ts` and their docs: what has no JSON is left out. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROFILE_NAMES } from '../../harness/model/contract.ts';

export type Schema = { [name: string]: unknown };

const root = resolve(import.meta.dirname, '../..');
export const SCHEMA_FILE = join(root, 'harness/config/onceproof.schema.json');

interface Member {
  readonly doc: string;
  readonly name: string;
  readonly isOptional: boolean;
  /** Undefined: a function, or something with one in it. */
  readonly schema: Schema | undefined;
}

/** Reads types, one declaration at a time; of a name that it does not know anything goes. */
class Types {
  readonly #texts = new Map<string, string>();
  #tokens: readonly string[] = [];
  #at = 0;

  constructor(...files: readonly string[]) {
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8');
      const declared =
        /^(?:export )?(?:interface (\w+)\s*(\{[\s\S]*?^\})|type (\w+)(?:<\w+>)? =([\s\S]*?);\n(?=\n|\/\*\*|export|type|interface))/gm;
      for (const [, one, body, other, type] of text.matchAll(declared))
        this.#texts.set(one ?? other ?? '', (body ?? type ?? '').trim());
    }
  }

  named(name: string): Schema | undefined {
    if (name === 'Template') return {};
    if (name === 'ProfileName') return { enum: [...PROFILE_NAMES] };
    if (name === 'ContractConfig') return this.#contract();
    const text = this.#texts.get(name);
    return text === undefined ? {} : this.#parse(text);
  }

  #contract(): Schema {
    const { properties = {} } = this.named('Contract') ?? {};
    const rows = Object.entries(properties as Record<string, Schema>).map(([name, row]) => {
      if (name === 'profile') return [name, { ...row, enum: [...PROFILE_NAMES] }] as const;
      const { description, ...one } = row;
      const isRefusal = JSON.stringify(one).includes('"status"');
      const status = isRefusal ? [{ type: 'integer', minimum: 400, maximum: 599 }] : [];
      const choices = [...choicesOf(one), ...status, { const: 'unspecified' }];
      return [name, { ...(description !== undefined && { description }), anyOf: unique(choices) }] as const;
    });
    return { type: 'object', properties: Object.fromEntries(rows), additionalProperties: false };
  }

  #parse(text: string): Schema | undefined {
    const [tokens, at] = [this.#tokens, this.#at];
    this.#tokens = text.match(/\/\*\*[\s\S]*?\*\/|'[^']*'|=>|[\w$.]+|[^\s\w]/g) ?? [];
    this.#at = 0;
    const schema = this.#union();
    [this.#tokens, this.#at] = [tokens, at];
    return schema;
  }

  get #next(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #takes(token: string): boolean {
    if (this.#next !== token) return false;
    this.#at += 1;
    return true;
  }

  #doc(): string {
    let doc = '';
    for (; this.#next.startsWith('/**'); this.#at++)
      doc = this.#next
        .slice(3, -2)
        .replace(/^\s*\* ?/gm, '')
        .replace(/\s+/g, ' ')
        .trim();
    return doc;
  }

  #union(): Schema | undefined {
    this.#doc();
    this.#takes('|');
    const parts: (Schema | undefined)[] = [];
    do {
      const description = this.#doc();
      const part = this.#intersection();
      parts.push(part && description !== '' ? { description, ...part } : part);
      this.#doc();
    } while (this.#takes('|'));
    const known = parts.filter((part) => part !== undefined);
    if (known.length === 0) return undefined;
    if (known.length === 1) return known[0];
    return { anyOf: unique(known.flatMap(choicesOf)) };
  }

  #intersection(): Schema | undefined {
    let schema = this.#postfix();
    while (this.#takes('&')) {
      const other = this.#postfix();
      schema = schema && other && merged(schema, other);
    }
    return schema;
  }

  #postfix(): Schema | undefined {
    this.#takes('readonly');
    let schema = this.#primary();
    while (this.#next === '[' && this.#tokens[this.#at + 1] === ']') {
      this.#at += 2;
      schema = schema && { type: 'array', items: schema };
    }
    return schema;
  }

  #primary(): Schema | undefined {
    const token = this.#next;
    if (token === '{') return this.#object();
    this.#at += 1;
    if (token === '(') return this.#parenthesis();
    if (token.startsWith("'")) return { const: token.slice(1, -1) };
    if (/^\d/.test(token)) return { const: Number(token) };
    if (['string', 'number', 'boolean', 'null'].includes(token)) return { type: token };
    if (token === 'true' || token === 'false') return { const: token === 'true' };
    if (this.#takes('<')) return this.#generic(token);
    return this.named(token);
  }

  /** A type in brackets, or the parameters of a function, which has no JSON. */
  #parenthesis(): Schema | undefined {
    const from = this.#at;
    for (let depth = 1; depth > 0; this.#at++) depth += this.#next === '(' ? 1 : this.#next === ')' ? -1 : 0;
    if (this.#takes('=>')) {
      this.#union();
      return undefined;
    }
    this.#at = from;
    const schema = this.#union();
    this.#takes(')');
    return schema;
  }

  #generic(name: string): Schema | undefined {
    const types: (Schema | undefined)[] = [];
    do types.push(this.#union());
    while (this.#takes(','));
    this.#takes('>');
    const last = types.at(-1);
    if (name === 'Record') return last && { type: 'object', additionalProperties: last };
    return last;
  }

  #object(): Schema {
    this.#takes('{');
    const members: Member[] = [];
    while (!this.#takes('}')) {
      const doc = this.#doc();
      if (this.#takes('}')) break;
      this.#takes('readonly');
      const name = this.#next.replace(/'/g, '');
      this.#at += 1;
      const isOptional = this.#takes('?');
      this.#takes(':');
      members.push({ doc, name, isOptional, schema: this.#union() });
      if (!this.#takes(';')) this.#takes(',');
    }
    const shown = members.filter(({ schema }) => schema !== undefined);
    const properties = shown.map(({ name, doc, schema }) => [
      name,
      { ...(doc !== '' && { description: doc }), ...schema },
    ]);
    const required = members.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
    const isEmpty = shown.length === 0 || required.some((name) => shown.every((one) => one.name !== name));
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
      ...(isEmpty && { not: {} }),
    };
  }
}

/** The schema as it is published. */
export function schemaOfTypes(): Schema {
  const config = new Types(
    'harness/model/contract.ts',
    'harness/model/target.ts',
    'harness/config/define.ts',
  ).named('OnceproofConfig');
  const cleaned = withoutImpossible(config ?? {}) as Schema;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'onceproof: a redemption endpoint, described',
    ...cleaned,
  };
}

/** Members that only a function could give: nothing in JSON fits them. */
function withoutImpossible(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => !isImpossible(one)).map(withoutImpossible);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name, one]) => name === 'not' || !isImpossible(one));
  return Object.fromEntries(entries.map(([name, one]) => [name, withoutImpossible(one)]));
}

function isImpossible(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'not' in value;
}

function choicesOf(schema: Schema): Schema[] {
  return Array.isArray(schema['anyOf']) && schema['description'] === undefined
    ? (schema['anyOf'] as Schema[])
    : [schema];
}

function unique(schemas: readonly Schema[]): Schema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

function merged(one: Schema, other: Schema): Schema {
  if (Array.isArray(one['anyOf']))
    return { anyOf: (one['anyOf'] as Schema[]).map((each) => merged(each, other)) };
  if (Array.isArray(other['anyOf'])) return merged(other, one);
  const properties = { ...(one['properties'] as object), ...(other['properties'] as object) };
  const required = [...((one['required'] as string[]) ?? []), ...((other['required'] as string[]) ?? [])];
  return { ...one, ...other, properties, ...(required.length > 0 && { required }) };
}
