/** /docs: the OpenAPI document as one page that loads nothing from anywhere. */

interface Operation {
  readonly summary?: string;
  readonly description?: string;
}

/** One HTML page. */
export function docsPage(document: object): string {
  const paths = ('paths' in document ? document.paths : {}) as Readonly<
    Record<string, Readonly<Record<string, Operation>>>
  >;
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => callSection(path, method, operation)),
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Loyalty redemptions</title>',
    '<style>body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}',
    'pre{background:#f4f4f4;padding:1rem;overflow:auto}code{font-family:ui-monospace,monospace}</style>',
    '<h1>Loyalty redemptions</h1><p>Machine-readable: <a href="/openapi.json">/openapi.json</a></p>',
    ...calls,
    '</html>',
  ].join('\n');
}

function callSection(path: string, method: string, operation: Operation): string {
  return [
    `<h2><code>${method.toUpperCase()} ${escaped(path)}</code></h2>`,
    `<p>${escaped(operation.summary ?? '')}. ${escaped(operation.description ?? '')}</p>`,
    `<details><summary>Schema</summary><pre>${escaped(JSON.stringify(operation, null, 2))}</pre></details>`,
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
