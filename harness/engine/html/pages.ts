/** What the rest of the engine knows of pages: loaded only for a script that names them. */
import type { Realm } from '../k6/realm.ts';
import type { PageRequest, PageSource } from './page-requests.ts';
import type { Selection } from './selection.ts';

export interface Pages {
  /** `k6/html`. */
  readonly module: (realm: Realm) => object;
  /** The whole document of a text. `url`: where it came from. */
  readonly selectionOf: (realm: Realm, text: string, url: string) => Selection;
  /** The request of `submitForm`, with its arguments. Throws where there is no form. */
  readonly formRequest: (source: PageSource, given: readonly unknown[]) => PageRequest;
  /** The request of `clickLink`, with its arguments. Throws where there is no link. */
  readonly linkRequest: (source: PageSource, given: readonly unknown[]) => PageRequest;
}

/** Whether a script's bundled code names anything of them. */
export function namesPages(code: string): boolean {
  return /\b(?:html|submitForm|clickLink)\b/.test(code);
}

export async function loadPages(): Promise<Pages> {
  const { PAGES } = await import('./html.ts');
  return PAGES;
}
