/** A process that holds nothing but a hostile endpoint: what it floods with, it floods from here. */

import { startHostileEndpoint, type HostileEndpoint } from './endpoint-server.ts';
import { ENDPOINTS } from './endpoints.ts';

/** The title of the row whose endpoint is wanted; none: the one that there is may go. */
export type Wanted = { readonly title?: string };

let endpoint: HostileEndpoint | undefined;
process.on('message', (wanted: Wanted) => void answer(wanted));
process.send?.('ready');

async function answer({ title }: Wanted): Promise<void> {
  await endpoint?.close();
  endpoint = undefined;
  if (title !== undefined) {
    const row = ENDPOINTS.find((each) => each.title === title);
    if (row === undefined) throw new Error(`no such row: ${title}`);
    endpoint = await startHostileEndpoint(row.input);
  }
  process.send?.(endpoint?.url ?? '');
}
