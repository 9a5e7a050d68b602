/** How far a statement is read for its name. */
export const MAX_STATEMENT_BYTES = 8 * 1024;
const MAX_NAME_LENGTH = 120;

export type SqlDialect = 'postgres' | 'mysql';

/** One token at a time: a comment, a literal, a name, or anything else. */
const TOKENS: Readonly<Record<SqlDialect, RegExp>> = {
  postgres:
    /(?<gap>\s+|--[^\n]*(?:\n|$))|(?<block>\/\*)|(?<escaped>[eE]'(?:[^'\\]|\\[^]|'')*(?:'|$))|(?<text>(?:[xXbBnN]|[uU]&)?'(?:[^']|'')*(?:'|$))|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|(?<name>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|"(?:[^"]|"")*(?:"|$)|\$\d+)|(?<number>0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)|(?<other>[^])/y,
  mysql:
    /(?<gap>\s+|(?:#|--(?=\s|$))[^\n]*(?:\n|$))|(?<block>\/\*)|(?<text>(?:[xXbBnN]|_[A-Za-z0-9]+)?'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$))|(?<name>[A-Za-z_@\u0080-\uffff][\w$@.\u0080-\uffff]*|`(?:[^`]|``)*(?:`|$))|(?<number>0[xXbB][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<other>[^])/y,
};

/**
 * The statement with `?` for each literal, without comments, on one line. Where the end of a literal depends on a setting of
 * the server (a backslash in a plain one), the name ends there: no value may slip out.
 */
export function nameStatement(text: string, dialect: SqlDialect): string {
  const token = new RegExp(TOKENS[dialect].source, 'y');
  let name = '';
  for (let at = 0; at < text.length && name.length <= MAX_NAME_LENGTH;) {
    token.lastIndex = at;
    const found = token.exec(text);
    const groups = found?.groups ?? {};
    at = token.lastIndex;
    if (found === null) break;
    if (groups['gap'] !== undefined) name += ' ';
    else if (groups['block'] !== undefined) {
      at = behindComment(text, at, dialect);
      name += ' ';
    } else if (groups['dollar'] !== undefined) {
      const end = text.indexOf(groups['dollar'], at);
      at = end < 0 ? text.length : end + groups['dollar'].length;
      name += '?';
    } else if (groups['text'] !== undefined) {
      name += '?';
      if (groups['text'].includes('\\')) {
        name += ' …';
        break;
      }
    } else if (groups['escaped'] !== undefined || groups['number'] !== undefined) name += '?';
    else name += found[0];
  }
  return tidy(name);
}

function behindComment(text: string, start: number, dialect: SqlDialect): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let depth = 1; ;) {
    const found = mark.exec(text);
    if (found === null) return text.length;
    if (found[0] === '*/') depth--;
    // PostgreSQL's comments nest, MySQL's do not.
    else if (dialect === 'postgres') depth++;
    if (depth === 0) return mark.lastIndex;
  }
}

function tidy(raw: string): string {
  const name = raw
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/(?: ?;)+$/, '')
    // A session's settings are words as well as literals.
    .replace(/^(SET (?:SESSION |LOCAL |GLOBAL )?[\w.@]+ ?(?:=| TO\b)).*$/i, '$1 ?')
    .replace(/\?(?: ?, ?\?)+/g, '?, …');
  if (name === '') return '(empty)';
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name;
}
