/** A draft as the text of a config: TypeScript, JSON or YAML. */

import type { Draft } from './draft.ts';

export type ConfigFormat = 'ts' | 'json' | 'yaml';

/** The published schema of a config, as it lies in the package. */
export const SCHEMA_PATH = './node_modules/onceproof/harness/config/onceproof.schema.json';

/** What each member is for, in the words of the config's own documentation. */
const NOTES: Readonly<Record<string, string>> = {
  baseUrl: "A test system: points will be spent on it. From the environment: { env: 'BASE_URL' }.",
  auth: 'What a request shows; secrets come from the environment.',
  headers: 'Sent with every request, reads too.',
  query: 'Sent with every request, reads too.',
  redeem: 'The call that spends points.',
  answer: 'Where things stand in its answers, as JSON pointers.',
  balance: 'How effects are read back. What is left out is listed as unjudged.',
  rewards: 'What may be redeemed, with its price in points.',
  contract:
    "What the endpoint promises; nothing is judged in a row that is 'unspecified' (docs/contract.md).",
  customers: 'Customers that exist and have points; better are hooks that make them.',
};

/** Throws nothing: what the draft leaves open is written as a comment, or told by the caller where there are none. */
export async function configText(draft: Draft, format: ConfigFormat, schema = SCHEMA_PATH): Promise<string> {
  const { open, ...config } = draft;
  if (format === 'json') return `${JSON.stringify({ $schema: schema, ...config }, null, 2)}\n`;
  const notes = [...open.map((line) => `To do: ${line}.`)];
  if (format === 'yaml') {
    // Lazily: hardly any command writes YAML.
    const { stringify } = await import('yaml');
    const head = [`# yaml-language-server: $schema=${schema}`, ...notes.map((line) => `# ${line}`)].join(
      '\n',
    );
    return `${head}\n${stringify(config, { lineWidth: 110 })}`;
  }
  const members = Object.entries(config).map(([name, value]) => {
    const note = NOTES[name] === undefined ? '' : `  // ${NOTES[name]}\n`;
    return `${note}  ${name}: ${literal(value, 2)},`;
  });
  const head = notes.map((line) => `// ${line}\n`).join('');
  return `import { defineConfig } from 'onceproof';\n\n${head}// Check it with: onceproof check-config\nexport default defineConfig({\n${members.join('\n')}\n});\n`;
}

/** Objects that fit into a line stand in one. */
function literal(value: unknown, indent: number): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item: unknown) => literal(item, indent + 2))
    : Object.entries(value).map(([name, member]) => `${nameText(name)}: ${literal(member, indent + 2)}`);
  const [from, to] = isList ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return from + to;
  const space = isList ? '' : ' ';
  const line = `${from}${space}${parts.join(', ')}${space}${to}`;
  if (line.length + indent < 90 && !line.includes('\n')) return line;
  const pad = ' '.repeat(indent);
  return `${from}\n${parts.map((part) => `${pad}  ${part},\n`).join('')}${pad}${to}`;
}

function nameText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'");
  return `'${inner}'`;
}
