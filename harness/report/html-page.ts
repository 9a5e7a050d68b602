/** What every page of ours is made of: one file that needs no network. */

import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';
import { markup, raw, type Markup, type Part } from './markup.ts';

/** What one kind of page has of its own. */
export interface PageOwn {
  /** Rules that come after those of all pages. */
  readonly style?: string;
  readonly madeBy?: string;
  /** Nothing on it needs a script, and a browser is told to run none. */
  readonly isScriptless?: boolean;
}

/** No script, style or picture comes from elsewhere, and a browser is told to refuse any that would. */
export function page(title: string, body: readonly Part[], own: PageOwn = {}): string {
  const { style = '', madeBy = "Made by onceproof from the run's history and verdict." } = own;
  const script = own.isScriptless === true ? undefined : markup`<script>${raw(SCRIPT)}</script>\n`;
  const scripts = script === undefined ? '' : " script-src 'unsafe-inline';";
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';${raw(scripts)} img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title} - onceproof</title>
<style>${raw(STYLE)}${raw(style)}</style>
</head>
<body>
<main>
${body}
</main>
<footer>${madeBy} This page needs no network.</footer>
${script}</body>
</html>
`;
  return document.text;
}

export function section(title: string, content: Part): Markup {
  return markup`<section><h2>${title}</h2>${content}</section>
`;
}

/** A table whose rows become cards on a narrow screen. */
export function stackTable(head: Markup, rows: readonly Markup[]): Markup {
  return markup`<div class="table"><table class="stack"><thead>${head}</thead><tbody>${rows}</tbody></table></div>`;
}

export function figureBoxes(rows: readonly (readonly [string, string])[]): Markup {
  return markup`<div class="figures">${rows.map(([name, value]) => markup`<div class="figure"><b>${value}</b><span>${name}</span></div>`)}</div>`;
}
