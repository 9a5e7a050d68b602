/** An OpenAPI document (3.0, 3.1), read with its references resolved, and a sample of what each of its schemas allows. */

import { usageError } from '../base/errors.ts';
import { isPlainObject } from '../config/member.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly place: string;
  readonly isRequired: boolean;
  /** An example, a default, or something of its type. */
  readonly sample: unknown;
  /** Whether the document itself gives it. */
  readonly isGiven: boolean;
}

export interface Response {
  readonly status: string;
  readonly text: string;
  readonly schema: Json | undefined;
  /** What the document shows, else what the schema allows; undefined: no JSON. */
  readonly sample: unknown;
  readonly examples: readonly unknown[];
  readonly headers: readonly string[];
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Names and words of the document about it. */
  readonly words: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly schema: Json; readonly sample: unknown; readonly isForm: boolean };
  readonly responses: readonly Response[];
  readonly security: readonly string[] | undefined;
}

const METHODS = ['get', 'post', 'put', 'patch'] as const;
const MAX_DEPTH = 24;

export class ApiDocument {
  readonly #root: Json;
  readonly #file: string;

  /** `file` is for what is told of it. Throws a usage error for what is no OpenAPI 3 document. */
  constructor(root: unknown, file: string) {
    const version = isPlainObject(root) ? root['openapi'] : undefined;
    if (!isPlainObject(root) || typeof version !== 'string' || !/^3\.[01]\./.test(version))
      throw usageError('openapi', 'is no OpenAPI document', {
        field: file,
        expected: 'openapi: 3.0.x or 3.1.x',
        found: version ?? 'none',
      });
    this.#root = root;
    this.#file = file;
  }

  /** The first server's URL, its variables filled; undefined: none, or a relative one. */
  get server(): string | undefined {
    const [server] = listOf(this.#root['servers']).filter(isPlainObject);
    const url = server?.['url'];
    if (typeof url !== 'string') return undefined;
    const variables = recordOf(server?.['variables']);
    const filled = url.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = recordOf(variables[name])['default'];
      return typeof value === 'string' ? value : whole;
    });
    return URL.canParse(filled) ? filled.replace(/\/+$/, '') : undefined;
  }

  get operations(): readonly Operation[] {
    return Object.entries(recordOf(this.#root['paths'])).flatMap(([path, value]) => {
      const item = this.resolved(value);
      return METHODS.filter((method) => isPlainObject(item[method])).map((method) =>
        this.#operation(path, method, item, recordOf(item[method])),
      );
    });
  }

  /** The security schemes of an operation, by what they are. */
  schemesOf({ security }: Operation): readonly Json[] {
    const known = recordOf(recordOf(this.#root['components'])['securitySchemes']);
    const names = security ?? securityNames(this.#root['security']) ?? [];
    return names.map((name) => this.resolved(known[name])).filter((scheme) => scheme['type'] !== undefined);
  }

  /** The object behind a `$ref`, or the object itself; members beside a `$ref` (3.1) are kept. */
  resolved(value: unknown, depth = 0): Json {
    const object = recordOf(value);
    const { $ref: ref, ...beside } = object;
    if (typeof ref !== 'string') return object;
    if (!ref.startsWith('#/') || depth > MAX_DEPTH)
      throw usageError('openapi', 'a reference that is not followed', {
        field: this.#file,
        expected: 'references within the document (#/…), not in a circle of nothing else',
        found: ref,
      });
    let here: unknown = this.#root;
    for (const token of ref.slice(2).split('/')) {
      const name = decodeURIComponent(token).replace(/~1/g, '/').replace(/~0/g, '~');
      here = Array.isArray(here) ? here[Number(name)] : recordOf(here)[name];
    }
    if (here === undefined)
      throw usageError('openapi', 'a reference to nothing', { field: this.#file, found: ref });
    return { ...this.resolved(here, depth + 1), ...beside };
  }

  /** A schema with references and `allOf` merged; of alternatives the first that is not null. */
  merged(value: unknown, depth = 0): Json {
    const schema = this.resolved(value);
    if (depth > MAX_DEPTH) return schema;
    const { allOf, oneOf, anyOf, ...own } = schema;
    const alternatives = listOf(oneOf ?? anyOf).map((one) => this.resolved(one));
    const [first] = alternatives.filter((one) => one['type'] !== 'null');
    const parts = [...listOf(allOf), ...(first === undefined ? [] : [first])];
    return parts
      .map((part) => this.merged(part, depth + 1))
      .reduce<Json>((sum, part) => {
        const properties = { ...recordOf(part['properties']), ...recordOf(sum['properties']) };
        const required = [...listOf(part['required']), ...listOf(sum['required'])];
        return {
          ...part,
          ...sum,
          ...(Object.keys(properties).length > 0 && { properties }),
          ...(required.length > 0 && { required }),
        };
      }, own);
  }

  /** Something that a schema allows: what the document shows, else something of its type. */
  sampleOf(value: unknown, depth = 0): unknown {
    if (depth > 10) return undefined;
    const schema = this.merged(value);
    const shown = shownIn(schema);
    const type = typeOf(schema);
    if (type === 'object') {
      const members = Object.entries(recordOf(schema['properties'])).map(
        ([name, member]) => [name, this.sampleOf(member, depth + 1)] as const,
      );
      const made = Object.fromEntries(members.filter(([, member]) => member !== undefined));
      return isPlainObject(shown) ? { ...made, ...shown } : made;
    }
    if (shown !== undefined) return shown;
    if (type === 'array') {
      const item = this.sampleOf(schema['items'], depth + 1);
      return item === undefined ? [] : [item];
    }
    if (type === 'integer' || type === 'number')
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    if (type === 'boolean') return true;
    return schema['format'] === 'uuid' ? '3f0c0b5e-6c0f-4d1c-9a5e-0d8f6a2b7c11' : 'text';
  }

  #operation(path: string, method: string, item: Json, operation: Json): Operation {
    const own = listOf(operation['parameters']);
    const common = listOf(item['parameters']);
    const parameters = [...own, ...common].map((one) => this.#parameter(one));
    const texts = ['operationId', 'summary', 'description'].map((name) => operation[name]);
    const body = this.#body(operation['requestBody']);
    const security = securityNames(operation['security']);
    return {
      method: method.toUpperCase(),
      path,
      words: [path, ...texts, ...listOf(operation['tags'])]
        .filter((text) => typeof text === 'string')
        .join(' '),
      parameters: parameters.filter(
        ({ name, place }, index) =>
          parameters.findIndex((other) => other.name === name && other.place === place) === index,
      ),
      ...(body && { body }),
      responses: Object.entries(recordOf(operation['responses'])).map(([status, response]) =>
        this.#response(status, this.resolved(response)),
      ),
      security,
    };
  }

  #parameter(value: unknown): Parameter {
    const parameter = this.resolved(value);
    const [example] = examplesOf(parameter);
    const schema = this.merged(parameter['schema']);
    const shown = example ?? shownIn(schema);
    return {
      name: textOf(parameter['name']),
      place: textOf(parameter['in']),
      isRequired: parameter['required'] === true,
      sample: shown ?? this.sampleOf(schema),
      isGiven: shown !== undefined,
    };
  }

  #body(value: unknown): Operation['body'] {
    const content = recordOf(this.resolved(value)['content']);
    const type = mediaType(content, /json/) ?? mediaType(content, /form-urlencoded/);
    if (type === undefined) return undefined;
    const media = recordOf(content[type]);
    const [example] = examplesOf(media);
    const sample = this.sampleOf(media['schema']);
    const isBoth = isPlainObject(example) && isPlainObject(sample);
    return {
      schema: this.merged(media['schema']),
      sample: isBoth ? { ...sample, ...example } : (example ?? sample),
      isForm: !/json/.test(type),
    };
  }

  #response(status: string, response: Json): Response {
    const content = recordOf(response['content']);
    const type = mediaType(content, /json/);
    const media = recordOf(type === undefined ? undefined : content[type]);
    const examples = examplesOf(media);
    const [example] = examples;
    const schema = media['schema'] === undefined ? undefined : this.merged(media['schema']);
    const sample = schema === undefined ? undefined : this.sampleOf(schema);
    const isBoth = isPlainObject(example) && isPlainObject(sample);
    return {
      status,
      text: textOf(response['description']),
      schema,
      sample: isBoth ? { ...sample, ...example } : (example ?? sample),
      examples: examples.length > 0 ? examples : sample === undefined ? [] : [sample],
      headers: Object.keys(recordOf(response['headers'])),
    };
  }
}

/** Every value that an enum, a const or an example of a schema gives. */
export function valuesOf(schema: Json): readonly unknown[] {
  const values = [
    ...listOf(schema['enum']),
    schema['const'],
    schema['example'],
    ...listOf(schema['examples']),
  ];
  return values.filter((value) => value !== undefined && value !== null);
}

export function recordOf(value: unknown): Json {
  return isPlainObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `type`, the first one that is not null of a 3.1 list, or what the members say. */
export function typeOf(schema: Json): string {
  const { type } = schema;
  const named = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  if (typeof named === 'string') return named;
  if (schema['properties'] !== undefined) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

function shownIn(schema: Json): unknown {
  const values = [
    schema['const'],
    schema['example'],
    listOf(schema['examples'])[0],
    schema['default'],
    listOf(schema['enum'])[0],
  ];
  return values.find((value) => value !== undefined && value !== null);
}

function examplesOf(holder: Json): readonly unknown[] {
  if (holder['example'] !== undefined) return [holder['example']];
  return Object.values(recordOf(holder['examples']))
    .map((example) => recordOf(example)['value'])
    .filter((value) => value !== undefined);
}

function mediaType(content: Json, pattern: RegExp): string | undefined {
  return Object.keys(content).find((type) => pattern.test(type));
}

function securityNames(security: unknown): readonly string[] | undefined {
  if (!Array.isArray(security)) return undefined;
  return Object.keys(recordOf(security[0]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
