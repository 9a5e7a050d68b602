import { ANSWERS } from './answers.ts';
import { BATCHES } from './batches.ts';
import { BLOCKING, BLOCKING_RUNS } from './blocking.ts';
import { CONNECTIONS } from './connections.ts';
import { COOKIES } from './cookies.ts';
import { ENDINGS } from './endings.ts';
import { FORMS, PAGES } from './html.ts';
import { MODULES } from './modules.ts';
import { OPTIONS } from './options.ts';
import { REALMS } from './realms.ts';
import { REQUESTS } from './requests.ts';
import { blockingTwin, isAlone, type Row } from './row.ts';
import { TLS } from './tls.ts';
import { URLS } from './urls.ts';

/** Rows that are played together cost little: each of them a second time, with verbs that block. */
function twins(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => !isAlone(row)).map(blockingTwin);
}

/** Every recorded row, by idea. */
export const ROWS: Readonly<Record<string, readonly Row[]>> = {
  cookies: COOKIES,
  requests: REQUESTS,
  URLs: URLS,
  answers: ANSWERS,
  modules: MODULES,
  options: OPTIONS,
  endings: ENDINGS,
  realms: REALMS,
  connections: CONNECTIONS,
  TLS,
  'scripts that block': BLOCKING,
  'runs of scripts that block': BLOCKING_RUNS,
  batches: BATCHES,
  pages: PAGES,
  'forms and links of pages': FORMS,
  'cookies and requests that block': twins([...COOKIES, ...REQUESTS]),
  'URLs and answers of requests that block': twins([...URLS, ...ANSWERS]),
};
