/**
 * Whether a script stands still, as its text says: `http.get` and its like, and `sleep` that is not awaited. Looked for in
 * the bundled code, where esbuild writes every use of a module of k6 in a few forms, whatever the script calls it.
 */
import { SYNC_RESPONSE_MEMBERS, SYNC_VERBS } from './unsupported.ts';

export interface BlockingCalls {
  /** As the script means them: `http.get`, `sleep`. */
  readonly names: readonly string[];
  /**
   * `k6/http` or `sleep` is handed around, or a member has the name of one of a response that blocks: what is called there,
   * the text does not say.
   */
  readonly isPossible: boolean;
}

const OF_RESPONSE = new RegExp(String.raw`\b(?:${SYNC_RESPONSE_MEMBERS.join('|')})\b`);

export function blockingCalls(code: string): BlockingCalls {
  const names = new Set<string>();
  const usesOfHttp = usesOf(code, 'k6/http');
  let isPossible = usesOfHttp.length > 0 && OF_RESPONSE.test(code);
  for (const use of usesOfHttp) {
    if (use.member === undefined) isPossible = true;
    else if (SYNC_VERBS.includes(use.member)) names.add(`http.${use.member}`);
  }
  for (const use of usesOf(code, 'k6')) {
    if (use.member === undefined) isPossible = true;
    else if (use.member === 'sleep' && !use.isCall) isPossible = true;
    else if (use.member === 'sleep' && !use.isAwaited) names.add('sleep');
  }
  return { names: [...names].toSorted(), isPossible };
}

interface Use {
  /** Undefined: the module itself is handed around. */
  readonly member: string | undefined;
  readonly isCall: boolean;
  readonly isAwaited: boolean;
}

/** Every mention of a module of k6 in bundled code. */
function usesOf(code: string, module: string): Use[] {
  const load = String.raw`(?:__toESM\()?require\("${module}"\)(?:, 1\))?\)?`;
  const found: Use[] = [];
  const names = new Set<string>();
  for (const [whole, name] of code.matchAll(
    new RegExp(String.raw`(?:(?:var|let|const) ([\w$]+) = )?${load}`, 'g'),
  )) {
    if (name === undefined) found.push(useAt(code, code.indexOf(whole), whole.length));
    else names.add(name);
  }
  for (const name of names) {
    const mention = new RegExp(String.raw`(?<![\w$.])${name.replaceAll('$', String.raw`\$`)}(?![\w$])`, 'g');
    for (const { index } of code.matchAll(mention)) {
      const rest = code.slice(index + name.length);
      // Where it is loaded.
      if (/^ = (?:__toESM\()?require\(/.test(rest)) continue;
      found.push(useAt(code, index, name.length));
    }
  }
  return found;
}

function useAt(code: string, index: number, length: number): Use {
  const rest = code.slice(index + length, index + length + 200);
  const [whole = '', member] = /^(?:\.default)?(?:\.([A-Za-z_$][\w$]*))?/.exec(rest) ?? [];
  const after = rest.slice(whole.length);
  const before = code.slice(Math.max(0, index - 20), index);
  return {
    member: member === 'default' ? undefined : member,
    isCall: /^\)?\s*\(/.test(after),
    isAwaited: /\bawait (?:\(0, )?$/.test(before),
  };
}
