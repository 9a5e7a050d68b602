/** Finds `:customer` in a statement: not in a text, a name, a comment or a cast. */

/** Comments, texts, quoted names, PostgreSQL's dollar quotes and `::`, then the parameter itself. */
const PIECES =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|(\$\w*\$)[\s\S]*?\1|::|:customer\b/g;

/** The statement with each `:customer` replaced, and how many there were. */
export function withParameter(
  sql: string,
  placeholder: string,
): { readonly sql: string; readonly count: number } {
  let count = 0;
  const text = sql.replace(PIECES, (piece) => {
    if (piece !== ':customer') return piece;
    count += 1;
    return placeholder;
  });
  return { sql: text, count };
}
